/**
 * Brings an opened source into the workbench: what the baseline knows is only counted, the rest is
 * staged.
 */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { SourceRejection, SourceRelation } from '../../sources/source.ts';
import type { Workbench } from '../../sources/workbench.ts';
import {
  type BaselineForm,
  type BaselinePlace,
  type LoadedState,
  loadState,
} from '../compare/baseline.ts';
import type { PartsFile } from './parts-file.ts';
import { findMet, numberRows, scanSource, startWithoutScan } from './scan-source.ts';
import { addRejections, type StagedRows, stageRows } from './stage-rows.ts';

/** Rows in the workbench's tables, as `stage-rows.ts` and `scan-source.ts` leave them. */
export interface StagedSource {
  readonly mapping: RowMapping;
  /** Of the rows that the baseline does not hold. */
  readonly parts: PartsFile;
  readonly rowsRead: number;
  /** Rows of the source that the baseline holds as they are. */
  readonly knownRows: number;
  /** When the view `met` (`scan-source.ts`) is there: how many rows it has. */
  readonly met: Promise<number>;
  /** Rows that are no rows: whom they name, nobody can say. */
  readonly unreadableRows: number;
  /**
   * What it was compared with already; `loaded` is missing where the baseline named is none that
   * counts.
   */
  readonly before:
    | { readonly baselineId: string | undefined; readonly loaded: LoadedState | undefined }
    | undefined;
  /**
   * Tells the numbers of staged rows, and of known ones that a condition names, if they are not
   * known yet.
   */
  readonly numberRows: (condition: string) => Promise<void>;
}

export interface StageOptions {
  readonly workbench: Workbench;
  readonly mapping: RowMapping;
  /** Filled while the relation is read. */
  readonly rejections: readonly SourceRejection[];
  /** What to compare with; `undefined`: nothing. */
  readonly before: { readonly place: BaselinePlace; readonly form: BaselineForm } | undefined;
}

/** @throws SourceMalformed, UsherError */
export async function stageSource(
  relation: SourceRelation,
  options: StageOptions,
): Promise<StagedSource & Pick<StagedRows, 'misfits' | 'misfitCounts'>> {
  const { workbench, mapping, rejections, before } = options;
  await startWithoutScan(workbench);
  const loaded =
    before === undefined ? undefined : await loadState(workbench, before.place, before.form);
  const scan =
    loaded?.isComparable === true ? await scanSource(workbench, relation, mapping) : undefined;
  const met = scan === undefined ? Promise.resolve(0) : workbench.beside(findMet);
  // Whoever waits for it meets its failure.
  met.catch(() => undefined);
  const staged = await stageRows(workbench, scan?.changed ?? relation, mapping);
  await addRejections(workbench, rejections);
  let isNumbered = scan?.isUnnumbered !== true;
  return {
    ...staged,
    mapping,
    rowsRead: (scan?.rowsRead ?? staged.rowsRead) + rejections.length,
    knownRows: scan?.knownRows ?? 0,
    met,
    unreadableRows: rejections.length,
    before: before && { baselineId: before.place.baselineId, loaded },
    numberRows: async (condition) => {
      if (isNumbered) return;
      isNumbered = true;
      await numberRows(workbench, { relation, mapping }, condition);
    },
  };
}
