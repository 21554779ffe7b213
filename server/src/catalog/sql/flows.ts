/** Flows, exclusion groups and the global holdout. */
import type { Kysely, Selectable } from 'kysely';
import type { ExclusionGroup, Flow, GlobalHoldout } from '../../domain/flow/flow.ts';
import { type Slots, slotCount } from '../../domain/flow/slots.ts';
import type { NewFlow } from '../definitions.ts';
import type { CatalogTables, ExclusionGroupRow, FlowRow } from './schema.ts';

type Database = Kysely<CatalogTables>;

export async function listFlows(
  database: Database,
  organizationId: number,
): Promise<readonly Flow[]> {
  const rows = await database
    .selectFrom('flows')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('id')
    .execute();
  return rows.map(flowOf);
}

export async function insertFlow(
  database: Database,
  organizationId: number,
  flow: NewFlow,
): Promise<Flow> {
  const { next_flow_id: next } = await database
    .selectFrom('organizations')
    .select('next_flow_id')
    .where('id', '=', organizationId)
    .executeTakeFirstOrThrow();
  const { id = next } = flow;
  await database
    .updateTable('organizations')
    .set({ next_flow_id: Math.max(next, id + 1) })
    .where('id', '=', organizationId)
    .execute();
  const made = { ...flow, id };
  await database
    .insertInto('flows')
    .values({ organization_id: organizationId, id, ...flowColumns(made) })
    .execute();
  return made;
}

export async function updateFlow(
  database: Database,
  organizationId: number,
  flow: Flow,
): Promise<void> {
  await database
    .updateTable('flows')
    .set(flowColumns(flow))
    .where('organization_id', '=', organizationId)
    .where('id', '=', flow.id)
    .execute();
}

export async function deleteFlow(
  database: Database,
  organizationId: number,
  id: number,
): Promise<void> {
  await database
    .deleteFrom('flows')
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function listExclusionGroups(
  database: Database,
  organizationId: number,
): Promise<readonly ExclusionGroup[]> {
  const rows = await database
    .selectFrom('exclusion_groups')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('name')
    .execute();
  return rows.map(groupOf);
}

export async function putExclusionGroup(
  database: Database,
  organizationId: number,
  { name, slots, ...others }: ExclusionGroup,
): Promise<void> {
  const columns = {
    definition: JSON.stringify({ ...others, owners: slots.names }),
    slots: slotBytes(slots),
  };
  await database
    .insertInto('exclusion_groups')
    .values({ organization_id: organizationId, name, ...columns })
    .onConflict((is) => is.columns(['organization_id', 'name']).doUpdateSet(columns))
    .execute();
}

export async function deleteExclusionGroup(
  database: Database,
  organizationId: number,
  name: string,
): Promise<void> {
  await database
    .deleteFrom('exclusion_groups')
    .where('organization_id', '=', organizationId)
    .where('name', '=', name)
    .execute();
}

export async function readGlobalHoldout(
  database: Database,
  organizationId: number,
): Promise<GlobalHoldout | null> {
  const row = await database
    .selectFrom('organizations')
    .select('global_holdout')
    .where('id', '=', organizationId)
    .executeTakeFirst();
  const text = row?.global_holdout ?? null;
  return text === null ? null : (JSON.parse(text) as GlobalHoldout);
}

export async function setGlobalHoldout(
  database: Database,
  organizationId: number,
  holdout: GlobalHoldout | null,
): Promise<void> {
  await database
    .updateTable('organizations')
    .set({ global_holdout: holdout === null ? null : JSON.stringify(holdout) })
    .where('id', '=', organizationId)
    .execute();
}

function flowColumns({ id: _, name, slots, ...others }: Flow) {
  const owners = slots?.names ?? null;
  const definition = JSON.stringify({ ...others, owners });
  return { name, definition, slots: slots === null ? null : slotBytes(slots) };
}

function flowOf({ id, name, definition, slots }: Selectable<FlowRow>): Flow {
  const { owners, ...others } = JSON.parse(definition) as Omit<Flow, 'id' | 'name' | 'slots'> & {
    readonly owners: readonly string[] | null;
  };
  return { id, name, ...others, slots: owners === null ? null : slotsOf(owners, slots) };
}

function groupOf({ name, definition, slots }: Selectable<ExclusionGroupRow>): ExclusionGroup {
  const { owners, ...others } = JSON.parse(definition) as Omit<ExclusionGroup, 'name' | 'slots'> & {
    readonly owners: readonly string[];
  };
  return { name, ...others, slots: slotsOf(owners, slots) };
}

function slotBytes({ owners, held }: Slots): Uint8Array {
  return Buffer.concat([owners, held]);
}

/** Copies the bytes: those of the database are a view of larger memory. */
function slotsOf(names: readonly string[], bytes: Uint8Array | null): Slots {
  const all = bytes ?? new Uint8Array(2 * slotCount);
  return {
    names,
    owners: new Uint8Array(all.subarray(0, slotCount)),
    held: new Uint8Array(all.subarray(slotCount, 2 * slotCount)),
  };
}
