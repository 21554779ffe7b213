/** Measures, before an import writes anything, which contacts its rows would join. */

import { typeNamesOf } from '../domain/contact/identity-type.ts';
import { type DatasetDefinition, usualDefinition } from '../domain/dataset/dataset-definition.ts';
import type { JoinedShare } from '../domain/dataset/joined-share.ts';
import type { Workbench } from '../sources/workbench.ts';
import type { ContactReader } from '../stores/store.ts';
import { noGroups, type RowGroups } from './apply/gather-rows.ts';
import { countKeys, findUnmeasured, JoinMeasure, mayJoin } from './compare/measure-joins.ts';
import type { SettledRows } from './compare/settle-repeats.ts';
import { SuppressedRows } from './compare/suppressed-rows.ts';
import { changeBatches } from './stage/change-batches.ts';
import type { StagedImport } from './stage/stage-import.ts';

interface MeasuredImport {
  readonly workbench: Workbench;
  readonly organizationId: number;
  readonly reader: ContactReader;
  readonly interrupted: AbortSignal;
}

interface MeasuredJoins {
  /** `null` if it joins none. */
  readonly joins: JoinedShare | null;
  readonly rowGroups: RowGroups;
}

const noJoins: MeasuredJoins = { joins: null, rowGroups: noGroups };

/** The contacts that an import would join. */
export async function measureImportJoins(
  { workbench, organizationId, reader, interrupted }: MeasuredImport,
  staged: StagedImport,
  { tables, keyed }: SettledRows,
): Promise<MeasuredJoins> {
  const { mapping, plan } = staged;
  const definition: DatasetDefinition = plan.dataset?.definition ?? usualDefinition;
  const about = { kind: definition.kind, identifiers: mapping.identifiers.length };
  if (keyed === undefined || !(await mayJoin({ reader, organizationId }, about))) {
    return noJoins;
  }
  const datasetId = plan.dataset?.id;
  const joins = new JoinMeasure({
    ...{ reader, organizationId },
    ...(datasetId !== undefined && { datasetId }),
  });
  const suppressedRows = new SuppressedRows(reader, { organizationId, datasetId });
  const fieldIds = mapping.fields.map((_, place) => place + 1);
  const without = await findUnmeasured(workbench, { ...tables, ...keyed }, keyed);
  if (without === undefined) return noJoins;
  const layout = { staged, fieldIds, changeKind: 'patch' } as const;
  const batches = changeBatches(workbench, { ...tables, ...without }, layout);
  for await (const { changes, release } of batches) {
    await joins.add(await suppressedRows.without(changes));
    release();
    interrupted.throwIfAborted();
  }
  if (joins.contacts === 0) return noJoins;
  const before =
    datasetId === undefined ? 0 : (await reader.datasetCounts(organizationId, datasetId)).sections;
  const keys = await countKeys(workbench, { ...tables, ...keyed });
  const share = joins.plan(Math.max(before, keys), {
    maxShare: definition.maxJoinedShare,
    typeNames: typeNamesOf(mapping.identifiers.map(({ identityType }) => identityType)),
  });
  return { joins: share, rowGroups: joins.rowGroups() };
}
