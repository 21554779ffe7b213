/**
 * Creates and edits segments in two steps. The first gives every segment its id and its name, so
 * that the rules of one change may name each other in any order. The second writes the rules.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogChange } from '../../catalog/catalog.ts';
import { definitionIdRange, maxSegmentsPerOrganization } from '../../domain/limits.ts';
import { definitionNameForm, isDefinitionName } from '../../domain/membership/definition-name.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import type { ChangeRecord } from '../administration.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import { maxDescriptionLength } from '../limits.ts';
import type { RuleBook } from './rule-book.ts';
import { type SegmentView, viewSegment } from './segment-view.ts';
import type { SettledRules, WantedRule } from './settle-rules.ts';

export interface SegmentRequest {
  /** The segment to edit, or the id of a new one. By default the name decides. */
  readonly id?: number;
  readonly name: string;
  /** What is not given stays; a new segment needs a rule. An empty description is none. */
  readonly description?: string | null;
  readonly rule?: string;
  /** JSON pointer of the request. */
  readonly path: string;
  /** JSON pointer of its name. */
  readonly namePath: string;
}

export interface PreparedSegment {
  readonly before: Segment | undefined;
  /** With its old rule, or an empty one. */
  readonly now: Segment;
  /** `undefined`: the rule stays. */
  readonly wanted: WantedRule | undefined;
}

/** Writes names and descriptions. Writes nothing if it notes a problem. */
export async function prepareSegments(
  change: CatalogChange,
  organizationId: number,
  asked: { readonly requests: readonly SegmentRequest[]; readonly problems: DefinitionProblems },
): Promise<readonly PreparedSegment[]> {
  const { requests, problems } = asked;
  if (requests.length === 0) return [];
  const count = problems.count;
  const known = await change.listSegments(organizationId);
  const targets = requests.map((request) => ({ request, before: targetOf(request, known) }));
  for (const { request, before } of targets) {
    checkRequest(request, before, problems);
    const { id } = request;
    if (before !== undefined || id === undefined) continue;
    const edits = await change.listEdits(organizationId, { kind: 'segment', id });
    const detail = `A segment with the id ${id} was removed, and ids are never used again. Leave the id out.`;
    problems.check(edits.length === 0, `${request.path}/id`, detail);
  }
  checkNames(targets, known, problems);
  const added = targets.filter(({ before }) => before === undefined).length;
  const most = `An organization has at most ${maxSegmentsPerOrganization} segments.`;
  problems.check(known.length + added <= maxSegmentsPerOrganization, '', most);
  if (problems.count > count) return [];
  return writeNames(change, organizationId, targets);
}

interface Target {
  readonly request: SegmentRequest;
  readonly before: Segment | undefined;
}

function targetOf({ id, name }: SegmentRequest, known: readonly Segment[]): Segment | undefined {
  return known.find((segment) => (id === undefined ? segment.name === name : segment.id === id));
}

function checkRequest(
  { id, name, description, rule, path, namePath }: SegmentRequest,
  before: Segment | undefined,
  problems: DefinitionProblems,
): void {
  const { min, max } = definitionIdRange;
  const isId = id === undefined || (Number.isInteger(id) && id >= min && id <= max);
  problems.check(isId, `${path}/id`, `Give a whole number from ${min} to ${max}.`);
  const isNamed = name === before?.name || isDefinitionName(name);
  problems.check(isNamed, namePath, `A name has ${definitionNameForm}.`);
  const isShort = (description?.length ?? 0) <= maxDescriptionLength;
  const most = `Give at most ${maxDescriptionLength} characters.`;
  problems.check(isShort, `${path}/description`, most);
  const isRuled = rule !== undefined || before !== undefined;
  problems.check(isRuled, `${path}/rule`, 'A new segment needs a rule.');
}

/** Every name is used once when the change is done; two segments may swap names. */
function checkNames(
  targets: readonly Target[],
  known: readonly Segment[],
  problems: DefinitionProblems,
): void {
  const changed = new Set(targets.map(({ before }) => before?.id));
  const taken = new Map(
    known.filter(({ id }) => !changed.has(id)).map(({ id, name }) => [name, id]),
  );
  const ids = new Set<number>();
  for (const { request, before } of targets) {
    const { name, path, namePath } = request;
    const id = before?.id ?? request.id;
    if (id !== undefined && ids.has(id)) {
      problems.add(`${path}/id`, `Two segments have the id ${id}.`);
    }
    if (id !== undefined) ids.add(id);
    const other = taken.get(name);
    if (other !== undefined) {
      const detail =
        other === 0
          ? `Two segments are called ${name}.`
          : `The segment with the id ${other} is called ${name}. Choose another name.`;
      problems.addCoded(namePath, { code: 'name_taken', detail });
    }
    taken.set(name, id ?? 0);
  }
}

async function writeNames(
  change: CatalogChange,
  organizationId: number,
  targets: readonly Target[],
): Promise<readonly PreparedSegment[]> {
  for (const { request, before } of targets) {
    if (before === undefined || before.name === request.name) continue;
    // No name begins so: it frees the old name for another segment of this change.
    await change.updateSegment(organizationId, { ...before, name: `<${before.id}>` });
  }
  const segments = new Map<Target, Segment>();
  // Segments without an id get the ones after those that are given.
  const inOrder = targets.toSorted(
    (one, other) => Number(isNumbered(other)) - Number(isNumbered(one)),
  );
  for (const target of inOrder) {
    segments.set(target, await writeName(change, organizationId, target));
  }
  return targets.map((target) => {
    const { before, request } = target;
    const now = segments.get(target) as Segment;
    const { path, rule: text } = request;
    const owner = { kind: 'segment', id: now.id, name: now.name } as const;
    const wanted = text === undefined ? undefined : { owner, text, path: `${path}/rule` };
    return { before, now, wanted };
  });
}

function isNumbered({ before, request }: Target): boolean {
  return before !== undefined || request.id !== undefined;
}

async function writeName(
  change: CatalogChange,
  organizationId: number,
  { request, before }: Target,
): Promise<Segment> {
  const { id, name, description: given } = request;
  const description = given === undefined ? (before?.description ?? null) : given || null;
  const now = { name, description, rule: before?.rule ?? [] };
  if (before === undefined) {
    return change.insertSegment(organizationId, { ...now, ...(id !== undefined && { id }) });
  }
  const segment = { id: before.id, ...now };
  await change.updateSegment(organizationId, segment);
  return segment;
}

export interface WrittenSegment {
  readonly segment: Segment;
  /** `undefined` if nothing changed. */
  readonly audit: ChangeRecord | undefined;
}

/** Writes the rules, and an edit for each segment that changed. */
export async function writeSegments(
  change: CatalogChange,
  organizationId: number,
  asked: {
    readonly prepared: readonly PreparedSegment[];
    readonly settled: SettledRules;
    readonly book: RuleBook;
  },
): Promise<readonly WrittenSegment[]> {
  const { prepared, settled, book } = asked;
  const written: WrittenSegment[] = [];
  for (const { before, now, wanted } of prepared) {
    const rule = (wanted && settled.get(wanted)?.rule) ?? now.rule;
    const segment: Segment = { ...now, rule };
    await change.updateSegment(organizationId, segment);
    const isSame = isDeepStrictEqual(before, segment);
    const audit = isSame
      ? undefined
      : await recordSegmentEdit(change, organizationId, {
          before: before === undefined ? null : viewSegment(before, book.names),
          after: viewSegment(segment, book.names),
        });
    written.push({ segment, audit });
  }
  return written;
}

/** Adds the edit to the history. */
export async function recordSegmentEdit(
  change: CatalogChange,
  organizationId: number,
  edit: { readonly before: SegmentView | null; readonly after: SegmentView | null },
): Promise<ChangeRecord> {
  const { before, after } = edit;
  const { id, name } = after ?? before ?? { id: 0, name: '' };
  const documents = { before: before && { ...before }, after: after && { ...after } };
  await change.recordEdit(organizationId, { kind: 'segment', id }, documents);
  const verb = before === null ? 'create' : after === null ? 'remove' : 'edit';
  return { action: `segment.${verb}`, target: name, before, after };
}
