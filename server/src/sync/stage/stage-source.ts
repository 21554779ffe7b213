/** Brings an opened source into the workbench: stages the rows that the baseline does not know. */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { SourceRejection, SourceRelation } from '../../sources/source.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { type Baseline, type BaselinePlace, formOf, loadBaseline } from '../compare/baseline.ts';
import { isSameSource, type NotedSource } from '../compare/same-source.ts';
import type { Tables } from '../table/tables.ts';
import type { PartsFile } from './parts-file.ts';
import {
  findKnownBaselineRows,
  type KnownBaselineRows,
  knowAllRows,
  numberRows,
  type ScannedRelation,
  type ScannedSource,
  scanSource,
  startWithoutScan,
} from './scan-source.ts';
import {
  addRejections,
  type StagedRows,
  type StagedTables,
  stageNoRows,
  stageRows,
} from './stage-rows.ts';

/**
 * What several rows with one key are: only the `last` one counts, they are `added` up, or each of
 * them is `kept`.
 */
export type RepeatRule = 'last' | 'added' | 'kept';

/** What rows of a source mean for the rows of the dataset. */
export interface RowMeaning {
  readonly repeats: RepeatRule;
  /**
   * Whether a row may be found by any of its identities instead of its key. Then only the store
   * knows which rows it has.
   */
  readonly isFoundByAny: boolean;
}

/** A source whose rows are in the workbench. */
export interface StagedSource extends RowMeaning {
  readonly tables: StagedTables & Tables<'scannedRows' | 'rowNumbers'>;
  readonly mapping: RowMapping;
  readonly parts: PartsFile;
  readonly rowsRead: number;
  /** How many rows of the source the baseline holds unchanged. */
  readonly knownRows: number;
  readonly known: Promise<KnownBaselineRows>;
  /** How many rows could not be read: nobody can say whose rows they are. */
  readonly unreadableRows: number;
  /** The baseline that the source was compared with, if any. */
  readonly before: Baseline | undefined;
  /** The source, if the next baseline can note it. */
  readonly source?: NotedSource | undefined;
  /**
   * Fills `rowNumbers`, if necessary, for staged rows and for known rows that match a condition.
   */
  readonly numberRows: (condition: string) => Promise<void>;
  /** Whether the numbers of staged rows are known: from `rowNumbers`, or else from `row_id`. */
  readonly isNumbered: () => boolean;
}

export interface StageOptions extends RowMeaning {
  readonly workbench: Workbench;
  readonly mapping: RowMapping;
  /** Filled while the relation is read. */
  readonly rejections: readonly SourceRejection[];
  /** One for each field of the mapping. */
  readonly fieldIds: readonly number[];
  /** The baseline to compare with, if any. */
  readonly before: BaselinePlace | undefined;
  /** The source, if it may be recognised by its bytes. */
  readonly source?: NotedSource | undefined;
}

/** @throws SourceMalformed, UsherError */
export async function stageSource(
  relation: SourceRelation,
  options: StageOptions,
): Promise<StagedSource & Pick<StagedRows, 'misfits' | 'misfitCounts'>> {
  const { workbench, mapping, rejections, repeats, isFoundByAny, source } = options;
  const { rowNumbers, knownBaselineRows, scannedRows } = await startWithoutScan(workbench);
  const before =
    options.before &&
    (await loadBaseline(workbench, options.before, formOf(mapping, options.fieldIds)));
  // Rows that add up are all needed, even if only one of them has changed.
  const scan =
    before?.loaded?.isComparable === true && repeats !== 'added'
      ? await scanFor(workbench, before, { relation, mapping, source })
      : undefined;
  const scanned = scan?.tables ?? { scannedRows };
  const known = scan?.known() ?? Promise.resolve({ tables: { knownBaselineRows }, count: 0 });
  // Prevents an unhandled rejection; callers that await it still get the error.
  known.catch(() => undefined);
  const isKnown = scan !== undefined && scan.knownRows === scan.rowsRead;
  const staged = isKnown
    ? await stageNoRows(workbench, relation, mapping)
    : await stageRows(workbench, scan?.changed ?? relation, mapping);
  await addRejections(workbench, staged.tables, rejections);
  let isNumbered = scan?.isUnnumbered !== true;
  return {
    ...staged,
    tables: { ...staged.tables, ...scanned, rowNumbers },
    mapping,
    ...{ repeats, isFoundByAny, source },
    rowsRead: (scan?.rowsRead ?? staged.rowsRead) + rejections.length,
    knownRows: scan?.knownRows ?? 0,
    known,
    unreadableRows: rejections.length,
    before,
    numberRows: async (knownRows) => {
      if (isNumbered) return;
      isNumbered = true;
      await numberRows(workbench, scanned, { relation, mapping, knownRows });
    },
    isNumbered: () => isNumbered,
  };
}

type ComparedScan = ScannedSource & { readonly known: () => Promise<KnownBaselineRows> };

/** Compares the source with the baseline: as a whole if that is possible, or else row by row. */
async function scanFor(
  workbench: Workbench,
  before: Baseline,
  { source, ...relation }: ScannedRelation & Pick<StageOptions, 'source'>,
): Promise<ComparedScan | undefined> {
  const { tables } = before;
  if (await isSameSource(workbench, before, source))
    return knowAllRows(workbench, tables, relation);
  const scan = await scanSource(workbench, tables, relation);
  if (scan === undefined) return undefined;
  const known = () =>
    workbench.beside((statements) =>
      findKnownBaselineRows(statements, { ...tables, ...scan.tables }),
    );
  return { ...scan, known };
}
