/**
 * Counts the existing contacts that rows of a run would bring together, in groups: two contacts are
 * in one group if a row is about one of them and newly names an identity of the other.
 */
import type { DatasetKind } from '../../domain/dataset/dataset-definition.ts';
import type { JoinedGroup, JoinedShare } from '../../domain/dataset/joined-share.ts';
import { shownGroups } from '../../domain/limits.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { ConnectedContacts, ContactChange } from '../../stores/store.ts';
import { digestOf, type RowGroups } from '../apply/gather-rows.ts';
import { maxGatheredRows, maxGroupedContacts } from '../limits.ts';
import { countRows } from '../table/table-rows.ts';
import { makeTables, type Tables } from '../table/tables.ts';
import { claimsHashSql } from './baseline.ts';
import { ContactGroups } from './contact-groups.ts';
import type { MeasuredDataset } from './measure-rows.ts';

export class JoinMeasure {
  readonly #dataset: Pick<MeasuredDataset, 'reader' | 'organizationId'>;
  readonly #datasetId: number;
  readonly #mostContacts: number;
  readonly #groups = new ContactGroups();
  readonly #types = new Set<number>();
  /** Contacts that are counted and in no group, since there are too many. */
  #uncounted = 0;
  #rows = 0;
  /** By the digest of its key, a row that connects contacts: one of them. Empty if too many do. */
  readonly #connecting = new Map<string, number>();
  #areTooMany = false;

  /**
   * @param dataset its id is `undefined` if this run creates it
   * @param mostContacts how many contacts are kept in groups
   */
  constructor(
    {
      datasetId = noDataset,
      ...dataset
    }: Pick<MeasuredDataset, 'reader' | 'organizationId'> & { readonly datasetId?: number },
    mostContacts: number = maxGroupedContacts,
  ) {
    this.#dataset = dataset;
    this.#datasetId = datasetId;
    this.#mostContacts = mostContacts;
  }

  /** How many rows were added. */
  get rows(): number {
    return this.#rows;
  }

  /** How many contacts the rows bring together. */
  get contacts(): number {
    return this.#groups.size + this.#uncounted;
  }

  async add(changes: readonly ContactChange[]): Promise<void> {
    const { reader, organizationId } = this.#dataset;
    const rows = changes.map(({ identities }) => identities);
    this.#rows += rows.length;
    const found = await reader.findConnected(organizationId, this.#datasetId, rows);
    for (const [index, connected] of found.entries()) {
      if (connected === undefined) continue;
      const group = this.#connect(connected);
      if (group >= 0) this.#keepRow(changes[index] as ContactChange, group);
    }
  }

  /** @returns the group of the contacts; -1: they are only counted */
  #connect({ contactIds, typeIds }: ConnectedContacts): number {
    for (const typeId of typeIds) this.#types.add(typeId);
    let one = -1;
    for (const contactId of contactIds) {
      const group = this.#groups.groupOf(contactId, this.#groups.size < this.#mostContacts);
      if (group < 0) this.#uncounted += 1;
      else one = one < 0 ? group : this.#groups.unite(one, group);
    }
    if (one >= 0) this.#groups.addRow(one, typeIds);
    return one;
  }

  #keepRow(change: ContactChange, group: number): void {
    if (this.#areTooMany) return;
    this.#connecting.set(digestOf(change), group);
    this.#areTooMany = this.#connecting.size > maxGatheredRows;
    if (this.#areTooMany) this.#connecting.clear();
  }

  /** The rows that connect contacts of another row too. */
  rowGroups(): RowGroups {
    const groups = new Map<number, { rows: number }>();
    const byDigest = new Map<string, { rows: number }>();
    for (const [digest, place] of this.#connecting) {
      const whole = this.#groups.wholeOf(place);
      const group = groups.get(whole) ?? { rows: 0 };
      group.rows += 1;
      groups.set(whole, group);
      byDigest.set(digest, group);
    }
    for (const [digest, { rows }] of byDigest) if (rows < 2) byDigest.delete(digest);
    return byDigest;
  }

  /** @param named how many contacts the dataset names after the run */
  plan(
    named: number,
    { maxShare, typeNames }: { readonly maxShare: number; readonly typeNames: TypeNames },
  ): JoinedShare {
    const namesOf = (types: Iterable<number>) =>
      [...types].map((id) => typeNames.get(id) ?? `${id}`).sort();
    return {
      contacts: this.contacts,
      named,
      maxShare,
      identityTypes: namesOf(this.#types),
      largest: this.#groups.largest(shownGroups).map(({ contacts, rows, typeIds }): JoinedGroup => {
        return { contacts, rows, identityTypes: namesOf(typeIds) };
      }),
    };
  }
}

/** By id. */
export type TypeNames = ReadonlyMap<number, string>;

/** Ids of datasets begin at 1. */
const noDataset = 0;

/**
 * Whether rows of a dataset may bring contacts together: they name several identities, and are no
 * marks of a list, which claim nothing.
 */
export async function mayJoin(
  { reader, organizationId }: Pick<MeasuredDataset, 'reader' | 'organizationId'>,
  { kind, identifiers }: { readonly kind: DatasetKind; readonly identifiers: number },
): Promise<boolean> {
  if (kind === 'list' || kind === 'reference' || identifiers < 2) return false;
  return (await reader.counts(organizationId)).contacts > 0;
}

type ComparedTables = Tables<'stagedRows' | 'unsentRows' | 'baselineRows' | 'hashKey'>;

/**
 * Finds the sent rows that name other identities than in the last run. The others bring nobody
 * together.
 * @param keyed `undefined`: a key has many rows
 * @returns the rows to leave out, if any of the sent ones; `undefined`: all
 */
export async function findUnmeasured(
  workbench: Workbench,
  tables: ComparedTables,
  keyed: Tables<'baselineMatches'> | undefined,
): Promise<Partial<Tables<'unmeasuredRows'>> | undefined> {
  const { stagedRows, unsentRows, baselineRows, hashKey } = tables;
  if (keyed === undefined || (await countRows(workbench, keyed.baselineMatches)) === 0) {
    return {};
  }
  const { unmeasuredRows } = await makeTables(workbench, {
    unmeasuredRows: `SELECT row_id FROM ${unsentRows} UNION SELECT staged.row_id
      FROM ${stagedRows} AS staged JOIN ${keyed.baselineMatches} USING (row_id)
        JOIN ${baselineRows} AS known USING (baseline_row)
      WHERE known.claims_hash = ${claimsHashSql(hashKey)}`,
  });
  const [staged, unsent, unmeasured] = await Promise.all(
    [stagedRows, unsentRows, unmeasuredRows].map((table) => countRows(workbench, table)),
  );
  if (unmeasured === staged) return undefined;
  return unmeasured === unsent ? {} : { unmeasuredRows };
}

/** How many row keys the dataset has after the run, with those that the source does not repeat. */
export function countKeys(
  workbench: Workbench,
  { stagedRows, baselineRows, hashKey }: Tables<'stagedRows' | 'baselineRows' | 'hashKey'>,
): Promise<number> {
  return countRows(
    workbench,
    `(SELECT ${hashKey}(row_key) FROM ${stagedRows} UNION SELECT key_hash FROM ${baselineRows})`,
  );
}
