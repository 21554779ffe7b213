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
import type { MeasuredDataset } from './measure-changes.ts';

/** A group of contacts, or a part of one that was united with another. */
interface Group {
  /** The group that it became part of. */
  into: Group | undefined;
  contacts: number;
  rows: number;
  /** Identity type ids. */
  types: Set<number>;
}

export class JoinMeasure {
  readonly #dataset: Pick<MeasuredDataset, 'reader' | 'organizationId'>;
  readonly #datasetId: number;
  readonly #mostContacts: number;
  readonly #groups = new Map<string, Group>();
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
    let one: Group | undefined;
    for (const contactId of contactIds) {
      const group = this.#groupOf(contactId);
      if (group === undefined) this.#uncounted += 1;
      else one = one === undefined ? group : unite(one, group);
    }
    if (one === undefined) return;
    one.rows += 1;
    if (one.types.size === 0) one.types = new Set(typeIds);
    else for (const typeId of typeIds) one.types.add(typeId);
  }

  /** `undefined` if it is unknown, and there are too many. */
  #groupOf(contactId: string): Group | undefined {
    const known = this.#groups.get(contactId);
    if (known !== undefined) return wholeOf(known);
    if (this.#groups.size >= this.#mostContacts) return undefined;
    const group = { into: undefined, contacts: 1, rows: 0, types: noTypes };
    this.#groups.set(contactId, group);
    return group;
  }

  /** @param named how many contacts the dataset names after the run */
  plan(
    named: number,
    { maxShare, typeNames }: { readonly maxShare: number; readonly typeNames: TypeNames },
  ): JoinedShare {
    const namesOf = (types: ReadonlySet<number>) =>
      [...types].map((id) => typeNames.get(id) ?? `${id}`).sort();
    return {
      contacts: this.contacts,
      named,
      maxShare,
      identityTypes: namesOf(this.#types),
      largest: this.#largest().map(
        ({ contacts, rows, types }): JoinedGroup => ({
          contacts,
          rows,
          identityTypes: namesOf(types),
        }),
      ),
    };
  }

  #largest(): readonly Group[] {
    let largest: Group[] = [];
    for (const group of this.#groups.values()) {
      if (group.into !== undefined || group.contacts < 2) continue;
      largest.push(group);
      if (largest.length >= shownGroups * 2) largest = largestOf(largest);
    }
    return largestOf(largest);
  }
}

/** By id. */
export type TypeNames = ReadonlyMap<number, string>;

/** Ids of datasets begin at 1. */
const noDataset = 0;

const noTypes = new Set<number>();

function largestOf(groups: Group[]): Group[] {
  groups.sort((one, other) => other.contacts - one.contacts || other.rows - one.rows);
  return groups.slice(0, shownGroups);
}

function wholeOf(part: Group): Group {
  let whole = part;
  while (whole.into !== undefined) whole = whole.into;
  // The next look-up needs one step.
  if (whole !== part) part.into = whole;
  return whole;
}

function unite(one: Group, other: Group): Group {
  if (one === other) return one;
  const [large, small] = one.contacts >= other.contacts ? [one, other] : [other, one];
  small.into = large;
  large.contacts += small.contacts;
  large.rows += small.rows;
  if (small.types.size > 0) large.types = new Set([...large.types, ...small.types]);
  small.types = noTypes;
  return large;
}

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
