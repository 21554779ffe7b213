/** Makes a flow of a request: its settings, its experiment and its slots. */
import { isDeepStrictEqual } from 'node:util';
import {
  experimentFaults,
  type FlowFault,
  liveChangeFaults,
} from '../../domain/flow/check-flow.ts';
import {
  type Experiment,
  type Flow,
  flowKinds,
  flowStatuses,
  type RuledSplit,
  usualSalt,
  type WeightedSplit,
} from '../../domain/flow/flow.ts';
import { experimentSlots, readExperimentSlots } from '../../domain/flow/flow-slots.ts';
import { isSalt } from '../../domain/flow/slot-hash.ts';
import { isSlotFault, type SlotTexts, textsOfSlots } from '../../domain/flow/slot-text.ts';
import type { Slots } from '../../domain/flow/slots.ts';
import { maxSaltLength } from '../../domain/limits.ts';
import { nearestHint } from '../../domain/nearest-word.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import { checkWord } from '../field-settings.ts';
import type { RuleBook } from '../rule/rule-book.ts';
import type { FlowRequest } from './flow-request.ts';
import { settleUnit } from './settle-unit.ts';

export interface FlowPlace {
  /** `undefined`: the flow is new. */
  readonly before: Flow | undefined;
  readonly book: RuleBook;
  readonly problems: DefinitionProblems;
}

/**
 * The flow as requested. Branches have empty rules, which are settled later. Faults go to
 * `problems`.
 * @param now the flow in the catalog, with its id and its name
 */
export function settleFlow(now: Flow, request: FlowRequest, place: FlowPlace): Flow {
  const { before, book } = place;
  const problems = place.problems.below(request.path);
  const segmentId = settleSegment(now, request, { book, problems });
  const usualKind = segmentId === null ? 'reported' : 'stream';
  const kind =
    checkWord(request.kind, flowKinds, problems.below('/kind')) ?? before?.kind ?? usualKind;
  const isNamed = (request.segment ?? null) !== null;
  const needsSegment = kind === 'stream' && segmentId === null && !isNamed;
  problems.check(!needsSegment, '/segment', 'A flow of the kind stream needs a segment.');
  const salt = request.salt ?? before?.salt ?? usualSalt(now);
  const saltForm = `A salt has 1 to ${maxSaltLength} letters of ASCII, digits, dots, hyphens and underscores.`;
  problems.check(isSalt(salt), '/salt', saltForm);
  const experiment = settleExperiment(request, before, problems);
  const settled: Flow = {
    ...now,
    segmentId,
    status:
      checkWord(request.status, flowStatuses, problems.below('/status')) ??
      before?.status ??
      'draft',
    kind,
    unit: settleUnit(request.unit, before?.unit, { book, problems }),
    salt,
    experiment,
    slots: null,
  };
  if (before !== undefined) addFaults(liveChangeFaults(before, settled), problems, '/experiment');
  return { ...settled, slots: settleSlots(request, { before, experiment }, problems) };
}

function settleSegment(
  now: Flow,
  { segment }: FlowRequest,
  { book, problems }: Pick<FlowPlace, 'book' | 'problems'>,
): number | null {
  if (segment === undefined) return now.segmentId;
  if (segment === null) return null;
  const id = book.names.idOf('segment', segment);
  if (id === undefined) {
    const list = 'List the segments: usher segment list';
    const hint = nearestHint(segment, book.names.namesOf('segment'), list);
    problems.add('/segment', `There is no segment ${segment}. ${hint}`);
  }
  return id ?? null;
}

/** `null` without an experiment, or if it notes a problem. */
function settleExperiment(
  request: FlowRequest,
  before: Flow | undefined,
  problems: DefinitionProblems,
): Experiment | null {
  const count = problems.count;
  const split = settleSplit(request, before?.experiment?.split, problems);
  const holdout = request.holdout ?? before?.experiment?.holdout ?? 0;
  if (split === null) {
    const isFree = request.holdout === undefined || request.holdout === 0;
    problems.check(isFree, '/holdout', 'A holdout needs variants or branches.');
    return null;
  }
  const experiment = { holdout, split };
  addFaults(experimentFaults(experiment), problems);
  return problems.count > count ? null : experiment;
}

function settleSplit(
  request: FlowRequest,
  before: Experiment['split'] | undefined,
  problems: DefinitionProblems,
): WeightedSplit | RuledSplit | null {
  const { variants, branches, otherwise } = request;
  if (variants && branches) {
    problems.add('/branches', 'Give either variants with weights or branches with rules.');
    return null;
  }
  const isOnly = otherwise === undefined || otherwise === null;
  const detail = 'Only a flow with branches has a variant for all others.';
  if (variants) {
    problems.check(isOnly, '/otherwise', detail);
    const all = variants.map(({ name, weight }) => ({ name, weight }));
    return { by: 'weight', variants: all };
  }
  const known = before?.by === 'rule' ? before : undefined;
  if (branches) {
    const all = branches.map(({ variant }) => ({ rule: [], variant }));
    return { by: 'rule', branches: all, otherwise: otherwiseOf(otherwise, known) };
  }
  const isEnded = before?.by === 'weight' ? variants === null : branches === null;
  const split = isEnded ? null : (before ?? null);
  if (split?.by === 'rule') return { ...split, otherwise: otherwiseOf(otherwise, split) };
  problems.check(isOnly, '/otherwise', detail);
  return split;
}

function otherwiseOf(given: string | null | undefined, known: RuledSplit | undefined) {
  return given === undefined ? (known?.otherwise ?? null) : given;
}

function settleSlots(
  request: FlowRequest,
  { before, experiment }: { before: Flow | undefined; experiment: Experiment | null },
  problems: DefinitionProblems,
): Slots | null {
  if (experiment === null) {
    const detail = 'Only a flow with variants or branches holds out slots. Leave held_out out.';
    if (request.variants === undefined) problems.check(!request.heldOut, '/held_out', detail);
    return null;
  }
  const known = before?.slots ?? null;
  const texts = givenTexts(request, experiment, problems);
  const isSame = isDeepStrictEqual(sharesOf(before?.experiment), sharesOf(experiment));
  // Slots that stayed in the file while a weight was edited are those of before.
  const isKept = texts !== undefined && !isSame && isOf(known, experiment, texts);
  if (texts === undefined || isKept) {
    return isSame && known !== null ? known : experimentSlots(known, experiment);
  }
  const read = readExperimentSlots(experiment, texts);
  if (!isSlotFault(read)) return read;
  const at = read.place === 'heldOut' ? '/held_out' : `/variants/${read.place}/slots`;
  problems.add(at, read.detail);
  return null;
}

/** The names, weights and holdout, without rules. */
function sharesOf(experiment: Experiment | null | undefined): unknown {
  if (!experiment) return null;
  const { holdout, split } = experiment;
  return [holdout, split.by === 'weight' ? split.variants : 'rule'];
}

function givenTexts(
  { variants, heldOut }: FlowRequest,
  { split, holdout }: Experiment,
  problems: DefinitionProblems,
): SlotTexts | undefined {
  if (split.by === 'rule') {
    return heldOut === undefined ? undefined : { owners: ['0-9999'], heldOut };
  }
  const given = (variants ?? []).flatMap(({ slots }) => slots ?? []);
  if (given.length === 0) {
    const isNone = heldOut === undefined || (heldOut === '' && holdout === 0);
    const detail =
      'Slots are held out of those of the variants. Give the slots of every variant too, or leave held_out out, and Usher chooses.';
    problems.check(isNone, '/held_out', detail);
    return undefined;
  }
  const isWhole = given.length === split.variants.length;
  problems.check(isWhole, '/variants', 'Give the slots of every variant, or of none.');
  const isHeld = holdout === 0 || heldOut !== undefined;
  problems.check(isHeld, '/held_out', 'Give the slots that are held out too, or no slots.');
  return isWhole && isHeld ? { owners: given, heldOut: heldOut ?? '' } : undefined;
}

/** Whether the texts are those of the known slots; new variants have none. */
function isOf(known: Slots | null, { split }: Experiment, texts: SlotTexts): boolean {
  if (known === null) return false;
  const now = textsOfSlots(known);
  const names = split.by === 'weight' ? split.variants.map(({ name }) => name) : [''];
  const owned = names.every((name, place) => {
    const index = known.names.indexOf(name);
    return texts.owners[place] === (index === -1 ? '' : now.owners[index]);
  });
  return owned && texts.heldOut === now.heldOut;
}

function addFaults(
  faults: readonly FlowFault[],
  problems: DefinitionProblems,
  replaced?: string,
): void {
  for (const { path, detail } of faults) {
    problems.add(path === replaced ? '/variants' : path, detail);
  }
}
