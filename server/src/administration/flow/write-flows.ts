/**
 * Creates and edits flows in two steps, as `write-segments.ts` does with segments: names first,
 * then everything else, once the segments of the same change have their names.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogChange } from '../../catalog/catalog.ts';
import type { Experiment, Flow } from '../../domain/flow/flow.ts';
import { maxFlowsPerOrganization } from '../../domain/limits.ts';
import { ruleTextOf } from '../../domain/rule/rule-text.ts';
import type { CheckedRule } from '../../membership/check/check-rule.ts';
import type { ChangeRecord } from '../administration.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import { readIncrementalAnew } from '../dataset/read-incremental-anew.ts';
import { checkTargets, findTargets, writeNames } from '../rule/named-definitions.ts';
import { type RuleBook, readRuleBook } from '../rule/rule-book.ts';
import type { RuleToSettle, SettledRules, WantedRules } from '../rule/settle-rules.ts';
import type { FlowRequest } from './flow-request.ts';
import { viewFlow } from './flow-view.ts';
import { settleFlow } from './settle-flow.ts';

export interface PreparedFlow {
  readonly before: Flow | undefined;
  /** Its branches have empty rules. */
  readonly flow: Flow;
  readonly wanted: WantedRules;
}

/** Writes names. Writes nothing more if it notes a problem. */
export async function prepareFlows(
  change: CatalogChange,
  organizationId: number,
  asked: { readonly requests: readonly FlowRequest[]; readonly problems: DefinitionProblems },
): Promise<readonly PreparedFlow[]> {
  const { requests, problems } = asked;
  if (requests.length === 0) return [];
  const count = problems.count;
  const known = await change.listFlows(organizationId);
  const targets = findTargets(requests, known);
  const place = { organizationId, kind: 'flow', most: maxFlowsPerOrganization } as const;
  await checkTargets(change, { ...place, problems }, { targets, known });
  if (problems.count > count) return [];
  const named = await writeNames(targets, {
    insert: ({ id, name }) =>
      change.insertFlow(organizationId, { ...draft(name), ...(id !== undefined && { id }) }),
    update: (flow) => change.updateFlow(organizationId, flow),
  });
  const book = await readRuleBook(change, organizationId);
  return targets.map(({ request, before }, index) => {
    const now = named[index] as Flow;
    const flow = settleFlow(now, request, { before, book, problems });
    const owner = { kind: 'flow', id: flow.id, name: flow.name } as const;
    const rules = rulesOf(request, before?.experiment ?? null, book);
    const uses = flow.segmentId === null ? [] : [{ kind: 'segment', id: flow.segmentId } as const];
    const { path } = request;
    return { before, flow, wanted: { owner, rules, uses, path: `${path}/segment` } };
  });
}

function draft(name: string): Omit<Flow, 'id'> {
  return {
    ...{ name, segmentId: null, status: 'draft', kind: 'reported', unit: 0, salt: '' },
    ...{ experiment: null, slots: null },
  };
}

/** The given rules, or those of before. */
function rulesOf(
  { branches, variants, path }: FlowRequest,
  before: Experiment | null,
  { names }: RuleBook,
): readonly RuleToSettle[] {
  if (branches === null || variants) return [];
  const known = before?.split.by === 'rule' ? before.split.branches : [];
  const texts =
    branches?.map(({ rule }) => rule) ?? known.map(({ rule }) => ruleTextOf(rule, names));
  return texts.map((text, place) => ({ text, path: `${path}/branches/${place}/rule` }));
}

export interface WrittenFlow {
  readonly flow: Flow;
  /** `undefined` if nothing changed. */
  readonly audit: ChangeRecord | undefined;
}

/** Writes the flows with their rules, and an edit for each that changed. */
export async function writeFlows(
  change: CatalogChange,
  organizationId: number,
  asked: {
    readonly prepared: readonly PreparedFlow[];
    readonly settled: SettledRules;
    readonly book: RuleBook;
  },
): Promise<readonly WrittenFlow[]> {
  const { prepared, settled, book } = asked;
  const flows = prepared.map(({ flow, wanted }) => withRules(flow, settled.get(wanted) ?? []));
  const changed = flows.filter((flow, index) => !isDeepStrictEqual(prepared[index]?.before, flow));
  for (const flow of changed) await change.updateFlow(organizationId, flow);
  const isChanged = new Set(changed);
  const written: WrittenFlow[] = [];
  for (const [index, flow] of flows.entries()) {
    const before = prepared[index]?.before;
    const audit = isChanged.has(flow)
      ? await recordFlowEdit(change, organizationId, { before, after: flow, book })
      : undefined;
    written.push({ flow, audit });
  }
  return written;
}

function withRules(flow: Flow, rules: readonly CheckedRule[]): Flow {
  const { experiment } = flow;
  if (experiment?.split.by !== 'rule') return flow;
  const branches = experiment.split.branches.map(({ rule, variant }, place) => ({
    rule: rules[place]?.rule ?? rule,
    variant,
  }));
  return { ...flow, experiment: { ...experiment, split: { ...experiment.split, branches } } };
}

/** Adds the edit to the history. Feeds may report a flow that Usher computes no more. */
export async function recordFlowEdit(
  change: CatalogChange,
  organizationId: number,
  edit: {
    readonly before: Flow | undefined;
    readonly after: Flow | undefined;
    readonly book: RuleBook;
  },
): Promise<ChangeRecord> {
  const { book } = edit;
  if (edit.before?.kind === 'stream' && edit.after?.kind !== 'stream') {
    await readIncrementalAnew(change, organizationId, ({ kind, feed }) => {
      return kind === 'membership' && feed === 'flow';
    });
  }
  const [before, after] = [edit.before, edit.after].map((flow) => {
    if (flow === undefined) return null;
    const { exclusion_group: _, ...view } = viewFlow(flow, book);
    return view;
  });
  const { id = 0, name = '' } = edit.after ?? edit.before ?? {};
  const documents = { before: before ?? null, after: after ?? null };
  await change.recordEdit(organizationId, { kind: 'flow', id }, documents);
  const verb = edit.before === undefined ? 'create' : edit.after === undefined ? 'remove' : 'edit';
  return { action: `flow.${verb}`, target: name, ...documents };
}
