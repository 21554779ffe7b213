/** An import that is only tried: what it would make of the file, with nothing written but the workbench's own files, which go with it. */
import type { ContactReader } from '../stores/store.ts';
import { changeQueries, takeAllAsChanges } from './compare-rows.ts';
import type { ImportRequest } from './import-request.ts';
import { type ChangeBatch, ChangeParser } from './parse-changes.ts';
import { type RejectionSummary, summarizeRejections } from './rejections-file.ts';
import { type StageDependencies, stageForImport } from './run-import.ts';

export interface DryRunReport extends RejectionSummary {
  readonly dataset: string;
  readonly rowsRead: number;
  /** Rows of contacts that are not known yet. */
  readonly wouldAdd: number;
  /** Rows of contacts that are known, whether or not a value of theirs changes. */
  readonly wouldApply: number;
}

/** @param reader `undefined`: there is no store yet */
export async function tryImport(
  dependencies: StageDependencies,
  request: ImportRequest,
  reader: ContactReader | undefined,
): Promise<DryRunReport> {
  const { workbench, organizationId } = dependencies;
  const staged = await stageForImport(dependencies, request);
  await takeAllAsChanges(workbench);
  const typeIds = staged.mapping.identifiers.map(({ identityType }) => identityType.id);
  const fieldIds = staged.mapping.fields.map((_, place) => place + 1);
  let wouldAdd = 0;
  let wouldApply = 0;
  const parser = new ChangeParser({ kind: 'patch', typeIds, fieldIds });
  const take = async ({ changes, release }: ChangeBatch) => {
    for (const { identities } of changes) {
      let isKnown = false;
      for (const identity of identities) {
        isKnown ||= (await reader?.readRecord(organizationId, identity)) !== undefined;
      }
      if (isKnown) wouldApply += 1;
      else wouldAdd += 1;
    }
    release();
    dependencies.interrupted.throwIfAborted();
  };
  for (const { sql } of await changeQueries(workbench)) {
    for await (const bytes of workbench.bytes(sql)) {
      for (const batch of parser.push(bytes)) await take(batch);
    }
    dependencies.onProgress({
      phase: 'applying',
      done: wouldAdd + wouldApply,
      total: staged.rowsRead,
    });
  }
  for (const batch of parser.end()) await take(batch);
  const rejections = await summarizeRejections(workbench);
  return {
    ...rejections,
    dataset: staged.plan.datasetName,
    rowsRead: staged.rowsRead,
    wouldAdd,
    wouldApply,
  };
}
