/**
 * Shows what an import would make of a file: columns, types, key and first rows. Reads the whole
 * file, because later rows correct the types, and writes nothing but work files.
 */
import { UsherError } from '../domain/errors.ts';
import type { Workbench } from '../sources/workbench.ts';
import { summarizeRejections } from './apply/rejections-file.ts';
import { settleStaged } from './compare/settle-repeats.ts';
import type { ImportRequest } from './import-request.ts';
import { fieldNameOf } from './infer/field-names.ts';
import {
  type ImportPlan,
  type KnownDefinitions,
  readKnownDefinitions,
} from './infer/import-plan.ts';
import { inferIdentityColumn } from './infer/infer-identity.ts';
import { maxSampledCharacters } from './limits.ts';
import type { StageDependencies } from './run-import.ts';
import { watched } from './stage/open-either-way.ts';
import { openImport, type PlannedImport, stageImport } from './stage/stage-import.ts';

export interface InferredFile {
  readonly plan: ImportPlan;
  readonly notes: readonly string[];
  /** `null`: no column identifies the rows, so they were not read. */
  readonly rowsRead: number | null;
  /** Rows that a run would reject, by code. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Without a key: columns that may be one. */
  readonly candidates: readonly string[];
  /** The texts of the first rows, in the order of the columns. */
  readonly rows: readonly (readonly (string | null)[])[];
}

type Dependencies = Pick<StageDependencies, 'catalog' | 'organizationId' | 'source' | 'workbench'>;

/**
 * If fields of other datasets have the names of columns, the new fields get a prefix.
 * @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full`
 */
export async function inferFile(
  dependencies: Dependencies,
  request: ImportRequest,
  rowLimit: number,
): Promise<InferredFile> {
  const { catalog, organizationId } = dependencies;
  const known = await catalog.read((view) => readKnownDefinitions(view, organizationId));
  try {
    return await infer(dependencies, { request, known }, rowLimit);
  } catch (error) {
    const isForeign = error instanceof UsherError && error.members['fields'] !== undefined;
    if (!isForeign || request.prefix !== '') throw error;
    const name = request.dataset ?? fieldNameOf(dependencies.source.name, 1);
    return infer(dependencies, { request: { ...request, prefix: `${name}_` }, known }, rowLimit);
  }
}

async function infer(
  { organizationId, source, workbench }: Dependencies,
  asked: { readonly request: ImportRequest; readonly known: KnownDefinitions },
  rowLimit: number,
): Promise<InferredFile> {
  const request = { ...asked.request, isDraft: true };
  const input = { workbench, source, request, known: asked.known };
  const planned = await watched(input, openImport(input));
  const rows = await readTexts(workbench, planned, rowLimit);
  if (planned.plan.identifiers.length === 0) {
    const { plan, notes } = planned;
    return { plan, notes, rowsRead: null, rejections: {}, candidates: candidatesOf(planned), rows };
  }
  const staged = await watched(input, stageImport(input, planned));
  const { tables } = await settleStaged(workbench, staged, { reader: undefined, organizationId });
  const { counts } = await summarizeRejections(workbench, tables);
  const { plan, notes, rowsRead } = staged;
  return { plan, notes, rowsRead, rejections: counts, candidates: [], rows };
}

/** The columns that the error of an import would name. */
function candidatesOf({ sample }: PlannedImport): readonly string[] {
  try {
    return [inferIdentityColumn(sample, () => '')];
  } catch (error) {
    const found = error instanceof UsherError ? error.members['candidates'] : undefined;
    return Array.isArray(found) ? (found as string[]) : [];
  }
}

async function readTexts(
  workbench: Workbench,
  { relation }: PlannedImport,
  limit: number,
): Promise<readonly (readonly (string | null)[])[]> {
  const cells = relation.columns.map((_, place) => `left(c${place}, ${maxSampledCharacters})`);
  const rows = await workbench.rows(
    `SELECT ${cells.join(', ')} FROM ${relation.sql} LIMIT ${limit}`,
  );
  return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
}
