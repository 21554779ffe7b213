/** `usher dataset validate`: checks a definition, and shows some rows of its source as contacts. */
import { applyCatalog, exportCatalog } from '../../administration/document/apply-catalog.ts';
import type { DocumentDifference } from '../../administration/document/document-diff.ts';
import { pullDependencies, type RunCaller } from '../../runs/run-caller.ts';
import { type SampledRows, sampleRows, suppressionTest } from '../../sync/sample-rows.ts';
import { type DefinedDataset, readDefinedDataset } from '../../sync/stage/defined-mapping.ts';
import { readCatalogFile, withPlaces } from '../catalog-file/catalog-file.ts';
import { differenceLines } from '../catalog-file/difference-lines.ts';
import type { CommandSession } from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { maxValidatedRows, validatedRows } from '../limits.ts';
import { runParts } from '../sync/sync-actions.ts';
import { ProgressReport } from '../terminal/progress-report.ts';
import {
  withOrganization,
  withReaderIfAny,
  withTemporaryFolder,
  withTrialOrganization,
} from '../with-administration.ts';
import { datasetSections } from './dataset-sections.ts';

export async function validateCommand(
  session: CommandSession,
  name: string,
  { file, rows: limit = validatedRows }: { readonly file?: string; readonly rows?: number },
): Promise<void> {
  if (!Number.isInteger(limit) || limit < 0 || limit > maxValidatedRows) {
    throw new UsageError(`--rows must be a whole number from 0 to ${maxValidatedRows}.`);
  }
  // A file can be checked before there is a data folder.
  const within = file === undefined ? withOrganization : withTrialOrganization;
  await within(session, async (administration, organizationId, at) => {
    const target = { administration, organizationId, name };
    const { dataset, differences } = await validateStructure(at, target, file);
    const source = dataset.definition.source;
    const isBrought = source?.kind === 'push' || source?.kind === 'upload';
    const isRead = limit > 0 && source !== null && !isBrought;
    const isMapped = dataset.definition.kind !== 'reference';
    const sampled = isRead && isMapped ? await sample(at, { ...target, dataset, limit }) : null;
    show(session, { name, differences, sampled });
  });
}

interface Target extends RunCaller {
  readonly name: string;
}

async function validateStructure(
  session: CommandSession,
  { administration, organizationId, name }: Target,
  path: string | undefined,
): Promise<{
  readonly dataset: DefinedDataset;
  readonly differences: readonly DocumentDifference[];
}> {
  const file = path === undefined ? undefined : await readCatalogFile(path);
  const document = file?.document ?? (await exportCatalog(administration, organizationId));
  const found: DefinedDataset[] = [];
  const { differences } = await withPlaces(file?.placeOf, () =>
    applyCatalog(administration, organizationId, {
      ...{ document, prune: false, force: true, dryRun: true },
      sectionsOf: (datasetId) => datasetSections(session.settings, organizationId, datasetId),
      onApplied: async (view) => {
        found.push(await readDefinedDataset(view, organizationId, name));
      },
    }),
  );
  const [dataset] = found;
  if (dataset === undefined) throw new Error('the dataset was not read');
  const at = `/datasets/${name}`;
  const own = differences.filter(({ path: one }) => one === at || one.startsWith(`${at}/`));
  return { dataset, differences: own };
}

async function sample(
  session: CommandSession,
  target: Target & { readonly dataset: DefinedDataset; readonly limit: number },
): Promise<SampledRows> {
  const { dataset, limit } = target;
  const progress = new ProgressReport(session.io, session.quiet);
  const references = await referencesOf(session, target);
  return withTemporaryFolder((folder) => {
    const dependencies = pullDependencies(target, runParts(session, progress), folder);
    return withReaderIfAny(session.settings, (reader) => {
      const isSuppressed = suppressionTest(reader, target.organizationId, dataset);
      return sampleRows({ ...dependencies, references, isSuppressed }, dataset, limit);
    });
  }).finally(() => progress.end());
}

/** The reference rows that earlier syncs applied. */
async function referencesOf(
  { settings }: CommandSession,
  { administration, organizationId }: Target,
): Promise<ReadonlyMap<string, string>> {
  const { listReferenceFiles } = await import('../../sync/reference/reference-files.ts');
  return withReaderIfAny(settings, async (reader) => {
    if (reader === undefined) return new Map();
    const { catalog } = administration;
    const datasets = await catalog.read((view) => view.listDatasets(organizationId));
    const place = { dataFolder: settings.dataFolder, organizationId };
    return listReferenceFiles(reader, place, datasets);
  });
}

function show(
  session: CommandSession,
  shown: {
    readonly name: string;
    readonly differences: readonly DocumentDifference[];
    readonly sampled: SampledRows | null;
  },
): void {
  const { name, differences, sampled } = shown;
  const data = {
    dataset: name,
    differences,
    rows: (sampled?.rows ?? []).map(({ row, identities, values }) => ({
      row,
      identities: Object.fromEntries(
        [...identities].map(([type, all]) => [type, all.length === 1 ? all[0] : all]),
      ),
      values: Object.fromEntries(values),
    })),
    rejections: sampled?.rejections ?? [],
    notes: sampled?.notes ?? [],
  };
  const usesNone = data.rows.length === 0 && data.rejections.length > 0;
  session.output.data(data, () => {
    const lines = [
      `The definition of ${name} is valid.${usesNone ? ' But every row that was read would be rejected.' : ''}`,
      ...differenceLines(differences),
    ];
    for (const { row, identities, values } of data.rows) {
      lines.push(`row ${row}`);
      for (const [type, all] of Object.entries(identities)) {
        for (const value of [all].flat()) lines.push(`  ${type}:${value}`);
      }
      for (const [field, value] of Object.entries(values)) {
        lines.push(`    ${field}: ${JSON.stringify(value)}`);
      }
    }
    for (const { row, column, code, reason } of data.rejections) {
      lines.push(`row ${row} would be rejected: ${column ?? 'the row'} ${reason} (${code})`);
    }
    return lines.join('\n');
  });
  for (const note of data.notes) session.output.message(`note: ${note}`);
}
