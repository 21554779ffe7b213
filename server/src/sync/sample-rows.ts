/** Reads a source's first rows as contacts or rejections, for a person to see before a commit. */
import { identityDigest } from '../domain/contact/identity.ts';
import { suppressedCode } from '../domain/dataset/rejected-share.ts';
import {
  isRowChange,
  type RowChange,
  type RowMapping,
  readSourceRow,
} from '../domain/dataset/source-row.ts';
import { UsherError } from '../domain/errors.ts';
import type { SourceRejection, SourceRelation } from '../sources/source.ts';
import type { Workbench } from '../sources/workbench.ts';
import type { ContactReader, KnownIdentity } from '../stores/store.ts';
import { SuppressedRows } from './compare/suppressed-rows.ts';
import type { PullDependencies } from './pulled-source.ts';
import { type DefinedDataset, mapDefinedColumns } from './stage/defined-mapping.ts';
import { openEitherWay } from './stage/open-either-way.ts';

export interface SampledRow {
  /** From 1. */
  readonly row: number;
  /** Normalised values by the name of the identity type: several if it has several columns. */
  readonly identities: ReadonlyMap<string, readonly string[]>;
  /** Values by the name of the field or of the feed's column, without empty ones. */
  readonly values: ReadonlyMap<string, unknown>;
}

export interface SampledRows {
  readonly columns: readonly string[];
  readonly rows: readonly SampledRow[];
  /** Each problem of the sampled rows, with its row, column and reason. */
  readonly rejections: readonly SourceRejection[];
  /** For people, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * @throws UsherError `definition_invalid` if the source cannot be read, or lacks a defined column
 */
export async function sampleRows(
  dependencies: Pick<PullDependencies, 'openSource' | 'onProgress'> & {
    readonly references: ReadonlyMap<string, string>;
    readonly isSuppressed: SuppressionTest;
  },
  dataset: DefinedDataset,
  limit: number,
): Promise<SampledRows> {
  const { definition } = dataset;
  if (definition.source === null) {
    throw new UsherError('definition_invalid', 'The dataset has no source to read.');
  }
  const { mode, updatedAt } = definition;
  const { source, workbench } = await dependencies.openSource(definition.source, {
    watermark:
      mode === 'incremental' && updatedAt !== null ? { column: updatedAt, from: null } : null,
    references: dependencies.references,
    onProgress: (done) => dependencies.onProgress({ phase: 'fetching', done, total: 0 }),
  });
  try {
    const opened = { workbench, isSuppressed: dependencies.isSuppressed };
    return await openEitherWay({ workbench, source }, ({ relation, rejections }) =>
      readRows({ ...opened, relation, unreadable: rejections }, dataset, limit),
    );
  } finally {
    await workbench.close();
  }
}

/** Whether a run would refuse a row of these identities, its key first. */
export type SuppressionTest = (identities: readonly KnownIdentity[]) => Promise<boolean>;

/** Asks the store as it is now. No row of a list is refused: lists bring nobody back. */
export function suppressionTest(
  reader: ContactReader | undefined,
  organizationId: number,
  { record, definition }: DefinedDataset,
): SuppressionTest {
  if (reader === undefined || definition.kind === 'list') return async () => false;
  const rows = new SuppressedRows(reader, { organizationId, datasetId: record.id });
  return async (identities) =>
    (await rows.without([{ kind: 'replace', identities, section: noSection }])).length === 0;
}

const noSection = new Uint8Array();

const suppressedRow: Omit<SourceRejection, 'row'> = {
  ...{ column: null, code: suppressedCode },
  reason: 'names an identity of a contact that was erased',
};

interface OpenedRows {
  readonly workbench: Workbench;
  readonly isSuppressed: SuppressionTest;
  readonly relation: SourceRelation;
  readonly unreadable: readonly SourceRejection[];
}

async function readRows(
  { workbench, isSuppressed, relation, unreadable }: OpenedRows,
  dataset: DefinedDataset,
  limit: number,
): Promise<SampledRows> {
  const { mapping } = mapDefinedColumns(dataset, relation.columns);
  const cells = relation.columns.map((_, cell) => `c${cell}`);
  const isNumbered = relation.rowNumbers === 'column';
  const selected = isNumbered ? [...cells, 'n'] : cells;
  const read = await workbench.rows(
    `SELECT ${selected.join(', ')} FROM ${relation.sql} LIMIT ${limit}`,
  );
  const rows: SampledRow[] = [];
  const rejections: SourceRejection[] = [...unreadable.slice(0, limit)];
  const names = new Map(dataset.definition.columns.map(({ column, field }) => [column, field]));
  for (const [place, row] of read.entries()) {
    const number = isNumbered ? Number(row[cells.length]) + 1 : place + 1;
    const change = readSourceRow(mapping, row);
    if (!isRowChange(change)) {
      rejections.push(...change.map((problem) => ({ ...problem, row: number })));
      continue;
    }
    if (await isSuppressed(knownIdentities(mapping, change))) {
      rejections.push({ ...suppressedRow, row: number });
      continue;
    }
    rows.push({
      row: number,
      identities: identitiesOf(mapping, change.identities),
      values: valuesOf(mapping, change.values, names),
    });
  }
  rejections.sort((one, other) => one.row - other.row);
  return { columns: relation.columns, rows, rejections, notes: relation.notes };
}

function knownIdentities({ identifiers }: RowMapping, { identities }: RowChange): KnownIdentity[] {
  return identifiers.flatMap(({ identityType: { id, normalisation } }, place) => {
    const value = identities[place];
    if (value === undefined) return [];
    return [{ typeId: id, digest: identityDigest(normalisation, value), value }];
  });
}

function identitiesOf(
  { identifiers }: RowMapping,
  values: readonly (string | undefined)[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [place, { identityType }] of identifiers.entries()) {
    const value = values[place];
    if (value === undefined) continue;
    found.set(identityType.name, [...(found.get(identityType.name) ?? []), value]);
  }
  return found;
}

function valuesOf(
  { fields }: RowMapping,
  values: readonly string[],
  names: ReadonlyMap<string, string | null>,
): ReadonlyMap<string, unknown> {
  return new Map(
    fields.flatMap(({ column }, place) => {
      const json = values[place] ?? '';
      return json === ''
        ? []
        : [[names.get(column) ?? column, JSON.parse(json) as unknown] as const];
    }),
  );
}
