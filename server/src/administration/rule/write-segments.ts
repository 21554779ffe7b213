/**
 * Creates and edits segments in two steps. The first gives every segment its id and its name, so
 * that the rules of one change may name each other in any order. The second writes the rules.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogChange } from '../../catalog/catalog.ts';
import { maxSegmentsPerOrganization } from '../../domain/limits.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import type { ChangeRecord } from '../administration.ts';
import { type DefinitionProblems, descriptionFault } from '../dataset/definition-problems.ts';
import { maxDescriptionLength } from '../limits.ts';
import { checkTargets, findTargets, type NamedRequest, writeNames } from './named-definitions.ts';
import type { RuleBook } from './rule-book.ts';
import { type SegmentView, viewSegment } from './segment-view.ts';
import type { SettledRules, WantedRules } from './settle-rules.ts';

export interface SegmentRequest extends NamedRequest {
  /** What is not given stays; a new segment needs a rule. An empty description is none. */
  readonly description?: string | null;
  readonly rule?: string;
}

export interface PreparedSegment {
  readonly before: Segment | undefined;
  /** With its old rule, or an empty one. */
  readonly now: Segment;
  /** `undefined`: the rule stays. */
  readonly wanted: WantedRules | undefined;
}

/** Writes names. Writes nothing if it notes a problem. */
export async function prepareSegments(
  change: CatalogChange,
  organizationId: number,
  asked: { readonly requests: readonly SegmentRequest[]; readonly problems: DefinitionProblems },
): Promise<readonly PreparedSegment[]> {
  const { requests, problems } = asked;
  if (requests.length === 0) return [];
  const count = problems.count;
  const known = await change.listSegments(organizationId);
  const targets = findTargets(requests, known);
  const place = { organizationId, kind: 'segment', most: maxSegmentsPerOrganization } as const;
  await checkTargets(change, { ...place, problems }, { targets, known });
  for (const { request, before } of targets) {
    const { description, rule, path } = request;
    const fault = descriptionFault(description ?? '', maxDescriptionLength);
    if (fault !== undefined) problems.add(`${path}/description`, fault);
    const isRuled = rule !== undefined || before !== undefined;
    problems.check(isRuled, `${path}/rule`, 'A new segment needs a rule.');
  }
  if (problems.count > count) return [];
  const named = await writeNames(targets, {
    insert: ({ id, name }) => {
      const segment = { name, description: null, rule: [] };
      return change.insertSegment(organizationId, { ...segment, ...(id !== undefined && { id }) });
    },
    update: (segment) => change.updateSegment(organizationId, segment),
  });
  return targets.map(({ request, before }, index) => {
    const segment = named[index] as Segment;
    const { path, rule: text, description: given } = request;
    const description = given === undefined ? segment.description : given || null;
    const owner = { kind: 'segment', id: segment.id, name: segment.name } as const;
    const rules = text === undefined ? undefined : [{ text, path: `${path}/rule` }];
    return { before, now: { ...segment, description }, wanted: rules && { owner, rules } };
  });
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
    const rule = (wanted && settled.get(wanted)?.[0]?.rule) ?? now.rule;
    const segment: Segment = { ...now, rule };
    const isSame = isDeepStrictEqual(before, segment);
    if (!isSame) await change.updateSegment(organizationId, segment);
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
