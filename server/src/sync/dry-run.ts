/** Tries an import: reports what it would do, and writes nothing but its own work files. */
import { rejectionReason } from '../domain/dataset/rejected-share.ts';
import { contactIdText, findSectionEntry } from '../stores/read-record.ts';
import {
  type ContactQuery,
  type ContactReader,
  type LentContact,
  recordOnly,
} from '../stores/store.ts';
import { type SettledRows, settleStaged } from './apply/bring-in.ts';
import { findVanishedContacts, vanishedClaims } from './apply/find-vanished.ts';
import { type RejectionSummary, summarizeRejections } from './apply/rejections-file.ts';
import { changedParts } from './compare/compare-rows.ts';
import { identityOf } from './compare/list-other-claims.ts';
import { measureRejections } from './compare/measure-rejections.ts';
import type { ImportRequest } from './import-request.ts';
import { openForImport, type StageDependencies } from './run-import.ts';
import { type ChangeBatch, ChangeParser } from './stage/parse-changes.ts';
import type { StagedImport } from './stage/stage-import.ts';

export interface DryRunReport extends RejectionSummary {
  readonly dataset: string;
  readonly rowsRead: number;
  /** Rows of unknown contacts. */
  readonly wouldAdd: number;
  /** Rows of known contacts, whether or not a value would change. */
  readonly wouldApply: number;
  /** Contacts that the dataset fills and the file no longer has. */
  readonly wouldClear: number;
  /** Why the import would ask for approval, as a sentence; `null`: it would not. */
  readonly reason: string | null;
}

/** @param reader `undefined` if there is no store yet */
export async function tryImport(
  dependencies: StageDependencies,
  request: ImportRequest,
  reader: ContactReader | undefined,
): Promise<DryRunReport> {
  const { workbench, organizationId } = dependencies;
  const opened = await openForImport(dependencies, request);
  const staged = await opened.stage();
  const typeIds = staged.mapping.identifiers.map(({ identityType }) => identityType.id);
  const fieldIds = staged.mapping.fields.map((_, place) => place + 1);
  const settling = { workbench, staged, isRowPerContact: true };
  const settled = await settleStaged(reader, organizationId, settling);
  let wouldAdd = 0;
  let wouldApply = 0;
  const parser = new ChangeParser({ kind: 'patch', typeIds, fieldIds });
  const take = async ({ changes, release }: ChangeBatch) => {
    for (const { identities } of changes) {
      let isKnown = false;
      for (const identity of identities) {
        const query = { organizationId, identity, parts: recordOnly };
        isKnown ||= (await reader?.lendContact(query, isThere)) === true;
      }
      if (isKnown) wouldApply += 1;
      else wouldAdd += 1;
    }
    release();
    dependencies.interrupted.throwIfAborted();
  };
  for await (const bytes of changedParts(workbench, settled.tables, {
    parts: staged.parts,
    areNumbered: false,
  })) {
    for (const batch of parser.push(bytes)) await take(batch);
    dependencies.onProgress({
      phase: 'applying',
      done: wouldAdd + wouldApply,
      total: staged.rowsRead,
    });
  }
  for (const batch of parser.end()) await take(batch);
  const wouldClear =
    request.mode === 'snapshot'
      ? await countClears(dependencies, { ...staged, settled }, reader)
      : 0;
  const rejections = await summarizeRejections(workbench, settled.tables);
  const place = { ...dependencies, dataset: staged.plan.dataset, rowsRead: staged.rowsRead };
  const rejected = await measureRejections(workbench, settled.tables, place);
  return {
    ...rejections,
    dataset: staged.plan.datasetName,
    rowsRead: staged.rowsRead,
    wouldAdd,
    wouldApply,
    wouldClear,
    reason: rejectionReason(rejected) ?? null,
  };
}

function isThere(): boolean {
  return true;
}

/** The contact's id; `undefined` if the dataset fills nothing of it. */
function filledContactId(
  { record }: LentContact,
  { datasetId }: ContactQuery & { readonly datasetId: number },
): string | undefined {
  return findSectionEntry(record, datasetId) < 0 ? undefined : contactIdText(record.bytes);
}

async function countClears(
  { workbench, organizationId }: StageDependencies,
  { plan, mapping, unreadableRows, settled }: StagedImport & { readonly settled: SettledRows },
  reader: ContactReader | undefined,
): Promise<number> {
  const { dataset } = plan;
  const { tables, contacts } = settled;
  if (reader === undefined || dataset === undefined || unreadableRows > 0) return 0;
  if (contacts === undefined) return 0;
  const known = { reader, organizationId, mapping };
  const vanished = await findVanishedContacts(workbench, { ...tables, ...contacts }, known);
  // A contact may have several identities, and counts once.
  const counted = new Set<string>();
  for await (const claim of vanishedClaims(workbench, vanished.tables)) {
    const identity = identityOf(claim);
    const query = { organizationId, identity, parts: recordOnly, datasetId: dataset.id };
    const contactId = await reader.lendContact(query, filledContactId);
    if (contactId !== undefined) counted.add(contactId);
  }
  return counted.size;
}
