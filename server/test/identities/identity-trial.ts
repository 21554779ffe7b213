/**
 * What a scenario needs of a store, and the model as such a store. `DoorTrial` is the product as
 * such a store.
 */
import { IdentityModel } from './identity-model.ts';
import type { Identity, IdentitySettings } from './identity-state.ts';
import type { IncomingRow } from './model-state.ts';

/** The entry of the log that a merge makes, or the code of its refusal. */
export type MergeAnswer = { readonly entry: number } | { readonly refused: string };

/** What a store held of an identity that it erased. */
export interface HeldOfIdentity {
  readonly held: 'contact' | 'traces' | 'nothing';
  /** How many were erased. */
  readonly identities: number;
}

export interface IdentityTrial {
  run(dataset: string, rows: readonly IncomingRow[]): Promise<void>;
  /** A run that applies each row by itself, and is killed after so many of them. */
  runKilled(dataset: string, rows: readonly IncomingRow[], after: number): Promise<void>;
  push(dataset: string, row: IncomingRow): Promise<void>;
  merge(one: Identity, other: Identity): Promise<MergeAnswer>;
  unmerge(entry: number): Promise<void>;
  split(identity: Identity): Promise<void>;
  /** Parts everything that runs of the dataset joined. */
  part(dataset: string): Promise<void>;
  erase(identity: Identity): Promise<void>;
  rollBack(dataset: string): Promise<void>;
  /** Makes a backup, which `restore` puts back. */
  backUp(): Promise<void>;
  restore(): Promise<void>;
  wait(days: number): Promise<void>;
  /**
   * The sections that an identity leads to, such as `crm Ann, news News`, in the order of the
   * datasets. `#1` is the first contact id that was given. `undefined` means 404.
   */
  answer(identity: Identity): Promise<string | undefined>;
}

export class ModelTrial implements IdentityTrial {
  readonly #model: IdentityModel;
  #backup: IdentityModel;

  constructor(settings: IdentitySettings) {
    this.#model = new IdentityModel(settings);
    this.#backup = this.#model.copy();
  }

  async run(dataset: string, rows: readonly IncomingRow[]): Promise<void> {
    this.#model.run(dataset, rows);
  }

  async runKilled(dataset: string, rows: readonly IncomingRow[], after: number): Promise<void> {
    const batches = (changes: readonly IncomingRow[]) => [...changes.keys()].map((at) => [at]);
    this.#model.run(dataset, rows, { batches, killAfter: after });
  }

  async push(dataset: string, row: IncomingRow): Promise<void> {
    this.#model.push(dataset, row);
  }

  async merge(one: Identity, other: Identity): Promise<MergeAnswer> {
    return this.#model.merge(one, other);
  }

  async unmerge(entry: number): Promise<void> {
    this.#model.unmerge(entry);
  }

  async split(identity: Identity): Promise<void> {
    this.#model.split(identity);
  }

  async part(dataset: string): Promise<void> {
    this.#model.partStorm(0, dataset);
  }

  async erase(identity: Identity): Promise<void> {
    this.#model.erase(identity);
  }

  async rollBack(dataset: string): Promise<void> {
    this.#model.rollBack(dataset);
  }

  async backUp(): Promise<void> {
    this.#backup = this.#model.copy();
  }

  async restore(): Promise<void> {
    this.#model.restore(this.#backup);
  }

  async wait(days: number): Promise<void> {
    this.#model.wait(days);
  }

  async answer(identity: Identity): Promise<string | undefined> {
    const isContactId = identity.startsWith('#');
    const leading = isContactId ? this.#model.founderOf(Number(identity.slice(1))) : identity;
    const rows = leading === undefined ? [] : this.#model.shownRows(leading);
    if (rows.length === 0) return undefined;
    return rows.map(({ dataset, section }) => `${dataset} ${section}`).join(', ');
  }
}
