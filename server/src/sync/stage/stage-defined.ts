/** Stages a defined dataset's source; if it is malformed, once more, rejecting each bad row. */
import type { FileRows } from '../../sources/source.ts';
import { type BaselinePlace, formOf } from '../compare/baseline.ts';
import type { DefinedMapping } from './defined-mapping.ts';
import { type Opening, openEitherWay } from './open-either-way.ts';
import { type StagedSource, stageSource } from './stage-source.ts';

export interface StageDefinedInput extends Opening {
  readonly map: (columns: readonly string[]) => DefinedMapping;
  /** The baseline to compare with; `undefined`: nothing. */
  readonly before: BaselinePlace | undefined;
}

export interface StagedDefined extends StagedSource {
  readonly fieldIds: readonly number[];
  /** For people, a sentence each. */
  readonly notes: readonly string[];
  readonly files: readonly FileRows[];
}

/** @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full` */
export async function stageDefined(input: StageDefinedInput): Promise<StagedDefined> {
  const { workbench } = input;
  return openEitherWay(input, async ({ relation, rejections }) => {
    const { mapping, fieldIds, signature } = input.map(relation.columns);
    const form = formOf(mapping, signature);
    const before = input.before && { place: input.before, form };
    const rows = await stageSource(relation, { workbench, mapping, rejections, before });
    const files = (await relation.files?.()) ?? [];
    return { ...rows, fieldIds, notes: relation.notes, files };
  });
}
