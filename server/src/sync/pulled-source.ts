/** Opens a dataset's source with its watermark, and the reference rows that its query may join. */
import type { Catalog, Run } from '../catalog/catalog.ts';
import type { SourceDefinition } from '../domain/dataset/dataset-definition.ts';
import type { RunProgress } from '../domain/dataset/run-progress.ts';
import { UsherError } from '../domain/errors.ts';
import type { OpenSourceOptions, Source, UploadedFile } from '../sources/source.ts';
import type { Workbench } from '../sources/workbench.ts';
import type { ContactReader } from '../stores/store.ts';
import { listReferenceFiles } from './reference/reference-files.ts';
import { type DefinedDataset, readDefinedDataset } from './stage/defined-mapping.ts';
import { UploadFiles } from './upload/upload-files.ts';

export interface PulledDataset extends DefinedDataset {
  readonly source: SourceDefinition;
}

export interface PullDependencies {
  readonly catalog: Catalog;
  readonly organizationId: number;
  readonly dataFolder: string;
  /** Opens a source and the workbench that reads it; the caller closes the workbench. */
  readonly openSource: (
    definition: SourceDefinition,
    options: Pick<OpenSourceOptions, 'watermark' | 'references' | 'upload' | 'onProgress'>,
  ) => Promise<{ readonly source: Source; readonly workbench: Workbench }>;
  readonly onProgress: (progress: RunProgress) => void;
  /** For people, a sentence each. */
  readonly onNotes: (notes: readonly string[]) => void;
  readonly interrupted: AbortSignal;
}

export interface PulledSource {
  readonly source: Source;
  readonly workbench: Workbench;
  /** The watermark to store when this run ends; `undefined`: the dataset has no watermark. */
  readonly watermark: () => string | null | undefined;
}

/** A dataset with its opened source. */
export interface OpenedDataset extends PulledSource {
  readonly dataset: PulledDataset;
}

/** @throws UsherError `resource_not_found`; `definition_invalid` if the dataset has no source */
export async function readPulledDataset(
  { catalog, organizationId }: Pick<PullDependencies, 'catalog' | 'organizationId'>,
  name: string,
): Promise<PulledDataset> {
  const dataset = await catalog.read((view) => readDefinedDataset(view, organizationId, name));
  const { source } = dataset.definition;
  if (source !== null && source.kind !== 'push') return { ...dataset, source };
  const how =
    source === null
      ? `bring files in by hand with usher import FILE --dataset ${name}, or give it a source with usher apply`
      : 'its rows come by POST /ingest/v1/contacts';
  throw new UsherError('definition_invalid', `The dataset ${name} has no source to sync: ${how}.`);
}

export interface PullOptions {
  readonly reader: ContactReader;
  /** Whether to ignore the watermark. */
  readonly isFull: boolean;
  /** Of the run that reads the source; none if it is a trial. */
  readonly runId?: string;
  /** The waiting run that this one carries out. */
  readonly approved?: Run | null;
}

export async function openPulledSource(
  dependencies: PullDependencies,
  dataset: PulledDataset,
  options: PullOptions,
): Promise<PulledSource> {
  const { reader, isFull } = options;
  const { catalog, organizationId, onProgress } = dependencies;
  const datasets = await catalog.read((view) => view.listDatasets(organizationId));
  const { updatedAt, mode } = dataset.definition;
  const column = mode === 'incremental' ? updatedAt : null;
  const from = column === null ? null : await lastWatermark(dependencies, dataset, reader);
  const { source, workbench } = await dependencies.openSource(dataset.source, {
    upload: await findUploadedFile(dependencies, dataset, options),
    watermark: column === null ? null : { column, from: isFull ? null : from },
    references: await listReferenceFiles(reader, dependencies, datasets),
    onProgress: (done) => onProgress({ phase: 'fetching', done, total: 0 }),
  });
  return {
    source,
    workbench,
    // A run without rows leaves the watermark as it was.
    watermark: () => (column === null ? undefined : (source.readWatermark?.() ?? from)),
  };
}

/** An approved run reads the file whose plan was approved, whichever was given meanwhile. */
async function findUploadedFile(
  { dataFolder, organizationId }: PullDependencies,
  { source, record }: PulledDataset,
  { runId, approved = null }: PullOptions,
): Promise<UploadedFile | undefined> {
  if (source.kind !== 'upload') return undefined;
  const uploads = new UploadFiles(dataFolder);
  const upload =
    approved === null
      ? await uploads.findFor(organizationId, record.id)
      : await uploads.findReadBy(organizationId, approved.id);
  if (upload !== undefined && runId !== undefined) await uploads.put({ ...upload, readBy: runId });
  // Runs and logs keep messages, and the name that somebody gave the file may be that of a person.
  return upload && { path: uploads.pathOf(upload), name: 'The uploaded file' };
}

/**
 * The dataset's watermark. `null` if rows that were rejected may be accepted now: after a change of
 * the definition, and if there is no baseline, such as after the suppression of an identity was
 * lifted.
 */
async function lastWatermark(
  { catalog, organizationId }: PullDependencies,
  { record }: PulledDataset,
  reader: ContactReader,
): Promise<string | null> {
  const watermark = (await reader.watermark(organizationId, record.id)) ?? null;
  if (watermark === null) return null;
  if ((await reader.appliedRun(organizationId, record.id)) === undefined) return null;
  const [last] = await catalog.read((view) =>
    view.listRuns(organizationId, { datasetId: record.id, states: ['succeeded'], limit: 1 }),
  );
  return last?.definitionVersion === record.definitionVersion ? watermark : null;
}
