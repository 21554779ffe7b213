/** Lists, creates, edits and removes segments. Nothing is evaluated here. */
import type { CatalogChange, CatalogView } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import {
  type Administration,
  changeIn,
  type Precondition,
  type Removal,
  readIn,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { hasWholeSight, requireWholeSight } from '../token/actor-sight.ts';
import { type EditView, viewEdits } from './edit-view.ts';
import { readRuleBook } from './rule-book.ts';
import { requireNoRuleUsers } from './rule-users.ts';
import { type SegmentView, viewSegment } from './segment-view.ts';
import { writeDefinitions } from './write-definitions.ts';
import { recordSegmentEdit } from './write-segments.ts';

export interface NewSegmentRequest {
  /** By default the next one. */
  readonly id?: number;
  readonly name: string;
  readonly description?: string | null;
  readonly rule: string;
}

export interface SegmentEdit {
  readonly name?: string;
  readonly description?: string | null;
  readonly rule?: string;
  readonly precondition?: Precondition<SegmentView>;
}

/** All segments by id. Empty for a token with lists, because rules name fields. */
export async function listSegments(
  administration: Administration,
  organizationId: number,
): Promise<readonly SegmentView[]> {
  const { actor } = administration;
  return readIn(administration, organizationId, async (view) => {
    if (!hasWholeSight(actor)) return [];
    const { segments, names } = await readRuleBook(view, organizationId);
    return [...segments.values()].map((segment) => viewSegment(segment, names));
  });
}

/**
 * @param reference a name or an id
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function readSegment(
  administration: Administration,
  organizationId: number,
  reference: string,
): Promise<SegmentView> {
  const segments = await listSegments(administration, organizationId);
  return segments.find((segment) => isMeant(segment, reference)) ?? noSegment(reference);
}

/**
 * Who changed the segment, when, and what: newest first. An id also finds a removed segment.
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function listSegmentEdits(
  administration: Administration,
  organizationId: number,
  reference: string,
): Promise<readonly EditView[]> {
  const { actor } = administration;
  return readIn(administration, organizationId, async (view) => {
    const segments = await view.listSegments(organizationId);
    const found = segments.find((segment) => isMeant(segment, reference));
    const id = found?.id ?? (isId(reference) ? Number(reference) : undefined);
    if (!hasWholeSight(actor) || id === undefined) return noSegment(reference);
    const edits = await view.listEdits(organizationId, { kind: 'segment', id });
    return edits.length === 0 ? noSegment(reference) : viewEdits(edits);
  });
}

/**
 * @throws UsherError `definition_invalid`, `rule_invalid`, `definition_cycle`, `name_taken`,
 *   `scope_missing`
 */
export async function createSegment(
  administration: Administration,
  organizationId: number,
  request: NewSegmentRequest,
): Promise<SegmentView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const segments = await change.listSegments(organizationId);
    const problems = new DefinitionProblems();
    const other = segments.find(({ name }) => name === request.name);
    if (other !== undefined) {
      const detail = `The segment ${request.name} already exists. Its id is ${other.id}.`;
      throw new UsherError('name_taken', detail);
    }
    const isFree = segments.every(({ id }) => id !== request.id);
    problems.check(isFree, '/id', 'Another segment has this id. Leave the id out.');
    problems.throwIfAny();
    return writeOne(change, organizationId, request);
  });
}

/**
 * Changes what is given. An edit without effect changes nothing.
 * @throws UsherError as `createSegment`, and `resource_not_found`, `precondition_failed`
 */
export async function editSegment(
  administration: Administration,
  organizationId: number,
  { reference, precondition, ...edit }: SegmentEdit & { readonly reference: string },
): Promise<SegmentView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const found = await findSegment(change, organizationId, reference);
    requirePrecondition(precondition, found.view);
    const { id, name } = found.segment;
    return writeOne(change, organizationId, { id, name, ...edit });
  });
}

/**
 * @throws UsherError `definition_in_use` while rules use the segment, `precondition_failed`,
 *   `resource_not_found`, `scope_missing`
 */
export async function removeSegment(
  administration: Administration,
  organizationId: number,
  { reference, precondition }: Removal<SegmentView>,
): Promise<SegmentView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const { segment, view: before } = await findSegment(change, organizationId, reference);
    requirePrecondition(precondition, before);
    await change.deleteSegment(organizationId, segment.id);
    await requireNoRuleUsers(change, organizationId, [segmentGone(segment)]);
    const record = await recordSegmentEdit(change, organizationId, { before, after: null });
    return { result: before, audit: [record] };
  });
}

export function segmentGone({ id, name }: Pick<Segment, 'id' | 'name'>) {
  return { kind: 'segment', id, words: `The segment ${name} would be gone` } as const;
}

async function writeOne(
  change: CatalogChange,
  organizationId: number,
  request: Partial<NewSegmentRequest> & { readonly name: string },
) {
  const problems = new DefinitionProblems();
  const segment = { ...request, path: '', namePath: '/name' };
  const asked = { organizationId, segments: [segment], problems };
  const { audit, segments } = await writeDefinitions(change, asked);
  problems.throwIfAny();
  const { names } = await readRuleBook(change, organizationId);
  const [written] = segments;
  if (written === undefined) throw new UsherError('internal', 'The segment was not written.');
  return { result: viewSegment(written, names), audit };
}

/** @throws UsherError `resource_not_found` */
export async function findSegment(view: CatalogView, organizationId: number, reference: string) {
  const { segments, names } = await readRuleBook(view, organizationId);
  const segment = [...segments.values()].find((one) => isMeant(one, reference));
  if (segment === undefined) return noSegment(reference);
  return { segment, view: viewSegment(segment, names) };
}

function isMeant({ id, name }: Pick<Segment, 'id' | 'name'>, reference: string): boolean {
  return isId(reference) ? id === Number(reference) : name === reference;
}

/** No name consists of digits only. */
function isId(reference: string): boolean {
  return /^[0-9]{1,9}$/.test(reference);
}

function noSegment(reference: string): never {
  throw new UsherError(
    'resource_not_found',
    `There is no segment ${reference}. List the segments: usher segment list`,
  );
}
