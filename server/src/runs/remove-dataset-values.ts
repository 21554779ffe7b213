/** Removes a dataset. First clears its values from the contacts that still have some. */
import { planRemoval, removeDataset } from '../administration/dataset/remove-dataset.ts';
import type { FieldUse } from '../administration/field-uses.ts';
import type { DatasetRecord } from '../catalog/catalog.ts';
import { findStore } from '../stores/find-store.ts';
import { type RunCaller, runDependencies, type WritingParts } from './run-caller.ts';

export interface PlannedRemoval {
  readonly dataset: DatasetRecord;
  /** Who uses the dataset's fields. */
  readonly uses: readonly FieldUse[];
  /** Contacts that hold values of the dataset. */
  readonly contacts: number;
}

/**
 * Calls `agree` before any change; if it throws, nothing is removed. Returns how many contacts lost
 * values or memberships; `undefined`: there are no contacts yet.
 * @throws `resource_not_found`, `scope_missing`, `approval_required` while a token may push only to
 *   this dataset, `run_in_progress`, `storage_full`
 */
export async function removeDatasetValues(
  caller: RunCaller,
  parts: WritingParts,
  request: { readonly name: string; readonly agree: (planned: PlannedRemoval) => Promise<void> },
): Promise<number | undefined> {
  const { administration, organizationId } = caller;
  const { name, agree } = request;
  const { dataset, uses } = await planRemoval(administration, organizationId, name);
  await agree({ dataset, uses, contacts: await countHolders(caller, parts, dataset) });
  const cleared = await clearValues(caller, parts, dataset);
  const sections = await countHolders(caller, parts, dataset);
  const removal = { name, force: true, sections, isCleared: true };
  await removeDataset(administration, organizationId, removal);
  await releaseFields(caller, parts);
  return cleared;
}

/** What was amended of the dataset's fields goes with them. */
async function releaseFields(
  { administration, organizationId }: RunCaller,
  parts: WritingParts,
): Promise<void> {
  if (!hasContacts(parts)) return;
  const { releaseAmendments } = await import('../sync/release-amendments.ts');
  const writer = await parts.openWriter();
  try {
    await releaseAmendments(administration.catalog, writer, organizationId);
  } finally {
    await writer.close();
  }
}

async function clearValues(
  caller: RunCaller,
  parts: WritingParts,
  dataset: DatasetRecord,
): Promise<number | undefined> {
  if (!hasContacts(parts)) return undefined;
  const { clearDataset } = await import('../sync/apply/clear-dataset.ts');
  return clearDataset(runDependencies(caller, parts), dataset);
}

async function countHolders(
  { organizationId }: RunCaller,
  parts: WritingParts,
  { id }: DatasetRecord,
): Promise<number> {
  if (!hasContacts(parts)) return 0;
  const reader = await parts.openReader();
  try {
    return (await reader.datasetCounts(organizationId, id)).sections;
  } finally {
    await reader.close();
  }
}

function hasContacts({ dataFolder }: WritingParts): boolean {
  return findStore(dataFolder) === 'there';
}
