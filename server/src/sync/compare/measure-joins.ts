/**
 * Counts the existing contacts that rows of a run would bring together, in groups: two contacts are
 * in one group if a row is about one of them and newly names an identity of the other.
 */
import type { DatasetKind } from '../../domain/dataset/dataset-definition.ts';
import type { JoinedGroup, JoinedShare } from '../../domain/dataset/joined-share.ts';
import { shownGroups } from '../../domain/limits.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { ConnectedContacts, ContactChange } from '../../stores/store.ts';
import { maxGroupedContacts } from '../limits.ts';
import { countRows } from '../table/table-rows.ts';
import { makeTables, type Tables } from '../table/tables.ts';
import { claimsHashSql } from './baseline.ts';
import { ContactGroups } from './contact-groups.ts';
import type { MeasuredDataset } from './measure-changes.ts';

export class JoinMeasure {
  readonly #dataset: Pick<MeasuredDataset, 'reader' | 'organizationId'>;
  readonly #datasetId: number;
  readonly #mostContacts: number;
  readonly #groups = new ContactGroups();
  readonly #types = new Set<number>();
  /** Contacts that are counted and in no group, since there are too many. */
  #uncounted = 0;
  #rows = 0;

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
    for (const connected of found) if (connected !== undefined) this.#connect(connected);
  }

  #connect({ contactIds, typeIds }: ConnectedContacts): void {
    for (const typeId of typeIds) this.#types.add(typeId);
    let one = -1;
    for (const contactId of contactIds) {
      const group = this.#groups.groupOf(contactId, this.#groups.size < this.#mostContacts);
      if (group < 0) this.#uncounted += 1;
      else one = one < 0 ? group : this.#groups.unite(one, group);
    }
    if (one >= 0) this.#groups.addRow(one, typeIds);
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
