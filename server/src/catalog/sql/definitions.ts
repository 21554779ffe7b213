/** Segments, and the history of every definition with a rule. */
import type { Kysely, Selectable } from 'kysely';
import type { Segment } from '../../domain/membership/definitions.ts';
import type { RuleText } from '../../domain/rule/rule-text.ts';
import type { ChangeAuthor } from '../catalog.ts';
import type { DefinitionEdit, DefinitionKey, EditDocument, NewSegment } from '../definitions.ts';
import { jsonText } from './rows.ts';
import type { CatalogTables, SegmentRow } from './schema.ts';

type Database = Kysely<CatalogTables>;

export async function listSegments(
  database: Database,
  organizationId: number,
): Promise<readonly Segment[]> {
  const rows = await database
    .selectFrom('segments')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('id')
    .execute();
  return rows.map(segmentOf);
}

export async function insertSegment(
  database: Database,
  organizationId: number,
  segment: NewSegment,
): Promise<Segment> {
  const { next_segment_id: next } = await database
    .selectFrom('organizations')
    .select('next_segment_id')
    .where('id', '=', organizationId)
    .executeTakeFirstOrThrow();
  const { id = next, name, description, rule } = segment;
  await database
    .updateTable('organizations')
    .set({ next_segment_id: Math.max(next, id + 1) })
    .where('id', '=', organizationId)
    .execute();
  await database
    .insertInto('segments')
    .values({ organization_id: organizationId, id, name, description, rule: JSON.stringify(rule) })
    .execute();
  return { id, name, description, rule };
}

export async function updateSegment(
  database: Database,
  organizationId: number,
  { id, name, description, rule }: Segment,
): Promise<void> {
  await database
    .updateTable('segments')
    .set({ name, description, rule: JSON.stringify(rule) })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function deleteSegment(
  database: Database,
  organizationId: number,
  id: number,
): Promise<void> {
  await database
    .deleteFrom('segments')
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function listEdits(
  database: Database,
  organizationId: number,
  { kind, id }: DefinitionKey,
): Promise<readonly DefinitionEdit[]> {
  const rows = await database
    .selectFrom('definition_edits')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('kind', '=', kind)
    .where('id', '=', id)
    .orderBy('number', 'desc')
    .execute();
  return rows.map(({ number, author, at, before, after }) => ({
    ...{ number, author, atMs: at, before: documentOf(before), after: documentOf(after) },
  }));
}

export async function recordEdit(
  database: Database,
  organizationId: number,
  edit: DefinitionKey & Pick<DefinitionEdit, 'before' | 'after'> & { readonly by: ChangeAuthor },
): Promise<void> {
  const { kind, id, before, after, by } = edit;
  const newest = await database
    .selectFrom('definition_edits')
    .select(({ fn }) => fn.max('number').as('number'))
    .where('organization_id', '=', organizationId)
    .where('kind', '=', kind)
    .where('id', '=', id)
    .executeTakeFirst();
  await database
    .insertInto('definition_edits')
    .values({
      ...{ organization_id: organizationId, kind, id, number: (newest?.number ?? 0) + 1 },
      ...{ author: by.actor, at: by.atMs, before: jsonText(before), after: jsonText(after) },
    })
    .execute();
}

function segmentOf({ id, name, description, rule }: Selectable<SegmentRow>): Segment {
  return { id, name, description, rule: JSON.parse(rule) as RuleText };
}

function documentOf(text: string | null): EditDocument | null {
  return text === null ? null : (JSON.parse(text) as EditDocument);
}
