/**
 * What people amended, beside the model of the identity rules: it belongs to row keys, and counts
 * for the contact that has them.
 */
import fc from 'fast-check';
import type { AmendmentOutcome } from '../../src/stores/privacy-answer.ts';
import { feed } from './feed-rows.ts';
import type { IdentityModel } from './identity-model.ts';
import {
  claimedBy,
  compareStrength,
  type Identity,
  type Row,
  textOf,
  typeOf,
} from './identity-state.ts';

import { everyIdentity } from './random-history.ts';
import { typeIdOf } from './store-rules.ts';

export interface Amending {
  readonly identity: Identity;
  readonly fieldId: number;
  readonly dataset: string | null;
  /** JSON; `null` lifts the amendment. */
  readonly value: string | null;
  readonly atMs: number;
  /** Whether the field goes, for all contacts. */
  readonly isForgotten: boolean;
}

export const amendableFields: readonly number[] = [1, 2, 900];

export const randomAmending: fc.Arbitrary<Amending> = fc.record({
  identity: fc.constantFrom(...everyIdentity),
  fieldId: fc.constantFrom(...amendableFields),
  dataset: fc.constantFrom(null, 'crm', 'shop', 'news', 'web', 'links'),
  value: fc.constantFrom('"one"', '"two"', 'null', null),
  // Clocks go back, too.
  atMs: fc.integer({ min: 1, max: 4 }),
  isForgotten: fc.nat(19).map((number) => number === 19),
});

interface Amended {
  readonly fieldId: number;
  readonly value: string;
  readonly atMs: number;
}

export class AmendedModel {
  readonly #model: IdentityModel;
  readonly #byKey = new Map<Identity, Map<number, Amended>>();
  /** The identities that led to the contact when a value of the key was last amended. */
  readonly #names = new Map<Identity, ReadonlySet<Identity>>();

  constructor(model: IdentityModel) {
    this.#model = model;
  }

  /** The contact answers. */
  amend({ identity, fieldId, dataset, value, atMs }: Amending): AmendmentOutcome {
    const keys = this.#keysAt(identity);
    const known = this.at(identity).find((it) => it.fieldId === fieldId);
    const naming = this.#namingRows(identity);
    const namingKeys = [...new Set(naming.map(({ key }) => key))];
    const [strongest] = namingKeys.sort((a, b) =>
      compareStrength(this.#model.state.settings, a, b),
    );
    const shown = this.#model
      .shownRows(identity)
      .filter((row) => row.dataset !== feed.name && naming.includes(row));
    const owner = this.#ownerOf(shown, { fieldId, dataset }) ?? strongest;
    const isOwners = owner !== undefined && this.#byKey.get(owner)?.get(fieldId)?.value === value;
    if (value === null ? known === undefined : known?.value === value && isOwners) {
      return 'unchanged';
    }
    const named = this.#model.state.decision.groupOf.get(identity)?.identities ?? [];
    for (const key of keys) {
      const of = this.#byKey.get(key);
      const isNewer = (of?.get(fieldId)?.atMs ?? 0) >= atMs;
      // The same value under another key does no harm.
      const isOver = value === null || (isNewer && known?.value !== value);
      if (isOver && of?.delete(fieldId)) this.#names.set(key, new Set(named));
    }
    if (value !== null && owner !== undefined) {
      this.#give(owner, { fieldId, value, atMs });
      this.#names.set(owner, new Set(named));
    }
    return value === null ? { set: 0, lifted: 1 } : { set: 1, lifted: 0 };
  }

  /** The rows of the contact that name the identity; all, if none does. */
  #namingRows(identity: Identity): readonly Row[] {
    const rows = this.#model.rowsAt(identity);
    const naming = rows.filter((row) => claimedBy(row).includes(identity));
    return naming.length > 0 ? naming : rows;
  }

  /** The key of the row whose value is replaced. Each row with a section has a value of field 1. */
  #ownerOf(
    shown: readonly Row[],
    { fieldId, dataset }: Pick<Amending, 'fieldId' | 'dataset'>,
  ): Identity | undefined {
    if (dataset !== null) return shown.find((row) => row.dataset === dataset)?.key;
    return fieldId === 1 ? shown[0]?.key : undefined;
  }

  /** What waits for the return of a row goes if an erased identity led to its contact. */
  erase(erased: ReadonlySet<Identity>): void {
    const present = new Set([...this.#model.state.rows.values()].map(({ key }) => key));
    for (const [key, names] of [...this.#names]) {
      const isErased = erased.has(key) || (!present.has(key) && !names.isDisjointFrom(erased));
      if (isErased) this.#byKey.delete(key);
      this.#names.set(key, names.difference(erased));
    }
  }

  forget(fieldId: number): void {
    for (const fields of this.#byKey.values()) fields.delete(fieldId);
  }

  /** What counts at an identity: of each field the newest, ascending by field id. */
  at(identity: Identity): readonly Amended[] {
    const counting = new Map<number, Amended>();
    for (const key of this.#keysAt(identity).sort(compareAsStored)) {
      for (const amended of this.#byKey.get(key)?.values() ?? []) {
        const known = counting.get(amended.fieldId);
        if (known === undefined || known.atMs < amended.atMs) {
          counting.set(amended.fieldId, amended);
        }
      }
    }
    return [...counting.values()].sort((one, other) => one.fieldId - other.fieldId);
  }

  /** After a push: what belonged to a key that a stronger one replaced goes to that. */
  renameKey(dataset: string, before: readonly Row[]): void {
    const after = [...this.#model.state.rows.values()];
    const keysIn = (rows: readonly Row[]) =>
      new Set(rows.filter((row) => row.dataset === dataset).map(({ key }) => key));
    const [was, is] = [keysIn(before), keysIn(after)];
    const [from] = was.difference(is);
    const [to] = is.difference(was);
    if (from === undefined || to === undefined) return;
    if (after.some(({ key }) => key === from)) return;
    const passed = this.#byKey.get(from)?.values() ?? [];
    for (const amended of passed) {
      const known = this.#byKey.get(to)?.get(amended.fieldId);
      if (known === undefined || known.atMs < amended.atMs) this.#give(to, amended);
    }
    if (this.#byKey.delete(from)) {
      this.#names.set(
        to,
        (this.#names.get(to) ?? new Set()).union(this.#names.get(from) ?? new Set()),
      );
    }
  }

  #give(key: Identity, amended: Amended): void {
    const fields = this.#byKey.get(key) ?? new Map<number, Amended>();
    this.#byKey.set(key, fields.set(amended.fieldId, amended));
  }

  #keysAt(identity: Identity): Identity[] {
    return [...new Set(this.#model.rowsAt(identity).map(({ key }) => key))];
  }
}

function compareAsStored(one: Identity, other: Identity): number {
  const byType = typeIdOf(typeOf(one)) - typeIdOf(typeOf(other));
  return byType || (textOf(one) < textOf(other) ? -1 : 1);
}
