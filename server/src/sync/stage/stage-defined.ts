/**
 * Stages a defined dataset's source: opens it, maps its columns, and reads it anew with care where
 * it is not well formed.
 */
import { UsherError } from '../../domain/errors.ts';
import type { FileRows, Source, SourceRejection, SourceRelation } from '../../sources/source.ts';
import { SourceMalformed } from '../../sources/source-malformed.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { type BaselinePlace, formOf } from '../compare/baseline.ts';
import type { DefinedMapping } from './defined-mapping.ts';
import { type StagedSource, stageSource } from './stage-source.ts';

export interface StageDefinedInput {
  readonly workbench: Workbench;
  readonly source: Source;
  readonly map: (columns: readonly string[]) => DefinedMapping;
  /** The baseline to compare with; `undefined`: nothing. */
  readonly before: BaselinePlace | undefined;
  readonly onBytes: (bytes: number) => void;
}

export interface StagedDefined extends StagedSource {
  readonly fieldIds: readonly number[];
  /** For people, a sentence each. */
  readonly notes: readonly string[];
  readonly files: readonly FileRows[];
}

/** @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full` */
export async function stageDefined(input: StageDefinedInput): Promise<StagedDefined> {
  const { source, workbench } = input;
  const staged = await openEitherWay(input, async (relation, rejections) => {
    const { mapping, fieldIds, signature } = input.map(relation.columns);
    const form = formOf(mapping, signature);
    const before = input.before && { place: input.before, form };
    const rows = await stageSource(relation, { workbench, mapping, rejections, before });
    const files = (await relation.files?.()) ?? [];
    return { ...rows, fieldIds, notes: relation.notes, files };
  });
  if (staged === undefined) {
    throw new UsherError('definition_invalid', `${source.name} cannot be read as ${source.kind}.`);
  }
  return staged;
}

type Opening = Pick<StageDefinedInput, 'workbench' | 'source' | 'onBytes'>;

type Work<Result> = (
  relation: SourceRelation,
  rejections: readonly SourceRejection[],
) => Promise<Result>;

/**
 * @returns `undefined` when not even care reads it
 * @throws UsherError `source_unavailable` when the source changed meanwhile: whatever came of it,
 *   nothing of it counts
 */
export async function openEitherWay<Result>(
  opening: Opening,
  work: Work<Result>,
): Promise<Result | undefined> {
  try {
    return await workEitherWay(opening, work);
  } finally {
    await opening.source.confirm?.();
  }
}

async function workEitherWay<Result>(
  { workbench, source, onBytes }: Opening,
  work: Work<Result>,
): Promise<Result | undefined> {
  const rejections: SourceRejection[] = [];
  const options = {
    workbench,
    onRejection: (rejection: SourceRejection) => rejections.push(rejection),
    onProgress: onBytes,
  };
  try {
    return await work(await source.open(options), rejections);
  } catch (cause) {
    if (!(cause instanceof SourceMalformed)) throw cause;
  }
  rejections.length = 0;
  try {
    return await work(await source.openCarefully(options), rejections);
  } catch (cause) {
    if (!(cause instanceof SourceMalformed)) throw cause;
    return undefined;
  }
}
