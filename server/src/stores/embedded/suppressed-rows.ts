/** Tells, before anything is written, which rows the writer would refuse as suppressed. */
import { type IdentityRules, usualRules } from '../../domain/contact/identity-rules.ts';
import type { IdentityKey } from '../store.ts';
import { Component, nameOf } from './contacts/component.ts';
import { componentSourceOf } from './contacts/explain-contact.ts';
import type { Environment } from './environment.ts';
import { metaKeys, readMeta } from './meta.ts';
import { GuardedLists, readSuppressionNote } from './writer/guarded-lists.ts';
import { isKnownOrKept } from './writer/known-rows.ts';
import { type SuppressionSource, suppressedAmong } from './writer/suppressed-claims.ts';

export class SuppressedRowFinder {
  readonly #environment: Environment;
  readonly #dataFolder: string;
  #lists: GuardedLists | undefined;
  /** What the store noted of the lists when they were opened. */
  #note = '';

  constructor(environment: Environment, dataFolder: string) {
    this.#environment = environment;
    this.#dataFolder = dataFolder;
  }

  /**
   * Whether each row would be refused, as `withoutSuppressed` decides. Reads in the transaction
   * that the caller holds.
   * @returns `undefined`: nothing is suppressed
   */
  find(
    organizationId: number,
    datasetId: number,
    rows: readonly (readonly IdentityKey[])[],
  ): readonly boolean[] | undefined {
    const lists = this.#openLists();
    if (lists.require().isEmpty) return undefined;
    const source = { lists, rules: (id: number) => this.#rules(id) };
    const names = suppressedAmong(source, organizationId, rows.flat());
    return rows.map((row) => this.#isRefused(source, { organizationId, datasetId }, row, names));
  }

  close(): void {
    this.#lists?.close();
    this.#lists = undefined;
  }

  #isRefused(
    source: SuppressionSource,
    place: { readonly organizationId: number; readonly datasetId: number },
    row: readonly IdentityKey[],
    names: ReadonlySet<string> | undefined,
  ): boolean {
    const [key] = row;
    if (key === undefined || names === undefined) return false;
    if (names.has(nameOf(key))) return true;
    if (!row.some((it) => names.has(nameOf(it)))) return false;
    const { organizationId, datasetId } = place;
    const component = new Component(componentSourceOf(this.#environment, organizationId));
    const identities = row.filter((it) => !names.has(nameOf(it)));
    // Pushes are not foretold.
    return !isKnownOrKept(source, component, { datasetId, identities, isPush: false });
  }

  /** Opens the lists again if a process changed them. */
  #openLists(): GuardedLists {
    const { meta } = this.#environment;
    const note = JSON.stringify(readSuppressionNote(meta));
    if (note !== this.#note) this.close();
    this.#note = note;
    this.#lists ??= new GuardedLists(this.#dataFolder, meta);
    return this.#lists;
  }

  #rules(organizationId: number): IdentityRules {
    const { meta } = this.#environment;
    return readMeta<IdentityRules>(meta, metaKeys.identityRules(organizationId)) ?? usualRules;
  }
}
