/**
 * A real store as a trial of the identity rules: it is written as runs, pushes and people write it,
 * and answers as look-ups do.
 */
import assert from 'node:assert/strict';
import {
  amendmentsDatasetId,
  decodeRecord,
  encodeSection,
} from '../../src/stores/contact-codec.ts';
import type {
  Amendment,
  AmendmentChange,
  AmendmentOutcome,
} from '../../src/stores/privacy-answer.ts';
import { contactIdText, findSectionEntry } from '../../src/stores/read-record.ts';
import type { DatasetPlace, RunLease } from '../../src/stores/run-lease.ts';
import {
  type ContactChange,
  type ContactReader,
  type ContactWriter,
  type IdentityKey,
  type KnownIdentity,
  recordOnly,
} from '../../src/stores/store.ts';
import { feed, reportsIn, reportsOf } from './feed-rows.ts';
import {
  type DatasetRules,
  datasetRules,
  type Identity,
  type IdentitySettings,
  textOf,
  typeOf,
} from './identity-state.ts';
import type { HeldOfIdentity, MergeAnswer } from './identity-trial.ts';
import { type IncomingRow, keyRank, type ModelState, usableIdentities } from './model-state.ts';
import { makeIdentityRulesOf, typeIdOf } from './store-rules.ts';

export interface StoreHandles {
  readonly writer: ContactWriter;
  readonly reader: ContactReader;
}

interface SetValue {
  readonly fieldId: number;
  readonly dataset: string | null;
  readonly value: string;
}

export interface StoreTrialOptions {
  readonly settings: IdentitySettings;
  readonly organizationId: number;
  /** Whether each batch of a run is sent twice. */
  readonly repeats: boolean;
}

export interface StoreRunOptions {
  /** The run is killed after so many batches; a row that is gone is one. */
  readonly killAfter?: number;
  /** The places of the rows of each batch. */
  readonly batches: readonly (readonly number[])[];
  /** The keys of the dataset's rows, in the order in which those that are gone go. */
  readonly known: readonly Identity[];
}

export class StoreTrial {
  readonly #settings: IdentitySettings;
  readonly #organizationId: number;
  readonly #repeats: boolean;
  readonly #store: StoreHandles;
  readonly #entries: string[] = [];
  /** The attempts of each run that applied a batch, by dataset: the newest run last. */
  readonly #attempts = new Map<string, string[][]>();
  #openDatasets = new Set<string>();
  #runs = 0;

  constructor(store: StoreHandles, { settings, organizationId, repeats }: StoreTrialOptions) {
    this.#settings = settings;
    this.#organizationId = organizationId;
    this.#repeats = repeats;
    this.#store = store;
  }

  async run(
    dataset: string,
    rows: readonly IncomingRow[],
    { killAfter, batches, known }: StoreRunOptions,
  ): Promise<void> {
    const { writer } = this.#store;
    const lease = await this.#begin(dataset);
    const changes = this.#changesOf(dataset, rows);
    const order = known.map((key) => nameOf(identityOf(key)));
    const place = ({ identities: [key] }: ContactChange) => order.indexOf(nameOf(key));
    const gone = await this.#goneRows(dataset, changes);
    gone.sort((one, other) => place(one) - place(other));
    const steps = [...gone.map((change) => [change]), ...inBatches(changes, batches)];
    const applied = steps.slice(0, killAfter ?? steps.length);
    for (const step of applied) await this.#apply(lease, step);
    this.#noteAttempt(dataset, applied.length > 0 ? [lease.runId] : [], killAfter !== undefined);
    if (killAfter !== undefined) return writer.abandonRun(lease);
    await writer.finishRun(lease, { baselineId: `baseline-${this.#runs}`, asOfMs: 0 });
  }

  /** Every row is counted once, and a batch that is sent again changes nothing. */
  async #apply(lease: RunLease, changes: readonly ContactChange[]): Promise<void> {
    const { writer } = this.#store;
    const report = await writer.applyBatch(lease, changes);
    const { added, changed, cleared, unchanged, stale, rejected, unmatched } = report;
    const refused = rejected.filter(({ code }) => code !== 'contact_suppressed');
    assert.deepEqual([stale, refused, unmatched], [0, [], []]);
    assert.equal(added + changed + cleared + unchanged + rejected.length, changes.length);
    if (!this.#repeats) return;
    const again = await writer.applyBatch(lease, changes);
    assert.deepEqual([again.unchanged, again.revision], [changes.length - rejected.length, '']);
    assert.deepEqual(again.rejected, rejected);
  }

  #noteAttempt(dataset: string, applied: readonly string[], isLeft: boolean): void {
    // As in the model, an attempt that applies nothing leaves nothing behind.
    if (isLeft && applied.length === 0) return;
    const runs = this.#attempts.get(dataset) ?? [];
    this.#attempts.set(dataset, runs);
    const before = this.#openDatasets.has(dataset) ? (runs.pop() ?? []) : [];
    runs.push([...before, ...applied]);
    if (isLeft) this.#openDatasets.add(dataset);
    else this.#openDatasets.delete(dataset);
  }

  async #begin(dataset: string): Promise<RunLease> {
    this.#runs += 1;
    const isSnapshot = datasetRules(this.#settings, dataset).mode === 'snapshot';
    return this.#store.writer.beginRun({
      ...{ runId: `run-${this.#runs}`, ...this.#place(dataset) },
      ...{ isSnapshot, rules: makeIdentityRulesOf(this.#settings) },
    });
  }

  /** Of rows with one key the last counts. What rows of an identity dataset say adds up. */
  #changesOf(dataset: string, rows: readonly IncomingRow[]): ContactChange[] {
    const rules = datasetRules(this.#settings, dataset);
    const byKey = new Map<Identity, IncomingRow>();
    for (const row of rows) {
      const [key] = this.#usable(dataset, row.identities);
      if (key === undefined) continue;
      const said = rules.kind === 'identity' ? (byKey.get(key)?.identities ?? []) : [];
      byKey.set(key, { ...row, identities: [...new Set([...said, ...row.identities])] });
    }
    return [...byKey.values()].map((row) => this.#changeOf(rules, row, 'replace'));
  }

  #usable(dataset: string, identities: readonly Identity[]): Identity[] {
    return usableIdentities(this.#state, dataset, identities);
  }

  get #state(): ModelState {
    return { settings: this.#settings } as ModelState;
  }

  #changeOf(rules: DatasetRules, row: IncomingRow, kind: 'replace' | 'patch'): ContactChange {
    const identities = this.#usable(rules.name, row.identities).map(identityOf);
    if (rules.kind === 'identity') {
      return { kind: 'identity', identities, section: new Uint8Array(0) };
    }
    if (rules.name === feed.name) {
      return { kind: 'membership', identities, section: reportsOf(row) };
    }
    const cleared = (row.cleared ?? []).map(typeIdOf);
    const section = encodeSection([[1, Buffer.from(JSON.stringify(row.section))]]);
    return { kind, identities, section, cleared };
  }

  async #goneRows(dataset: string, changes: readonly ContactChange[]): Promise<ContactChange[]> {
    if (datasetRules(this.#settings, dataset).mode !== 'snapshot') return [];
    const named = new Set(changes.map(({ identities }) => nameOf(identities[0])));
    const gone: ContactChange[] = [];
    const { organizationId, datasetId } = this.#place(dataset);
    const rows = this.#store.reader.scanRows(organizationId, datasetId);
    for await (const { keys } of rows) {
      const [key] = keys;
      if (key === undefined || named.has(nameOf(key))) continue;
      gone.push({ kind: 'clear', identities: [{ ...key, value: '' }], section: new Uint8Array(0) });
    }
    return gone;
  }

  /** @returns whether the row was taken */
  async push(dataset: string, row: IncomingRow): Promise<boolean> {
    const rules = datasetRules(this.#settings, dataset);
    const change = this.#changeOf(rules, row, 'patch');
    if (change.identities.length === 0) return false;
    const order = [...rules.identifiers].sort((one, other) => {
      const rank = (type: string) => keyRank(this.#state, dataset, `${type}:`);
      return rank(one) - rank(other);
    });
    const { organizationId, datasetId } = this.#place(dataset);
    const rulesGiven = {
      keyOrder: order.map(typeIdOf),
      rules: makeIdentityRulesOf(this.#settings),
    };
    const options = { atMs: 0, ...rulesGiven };
    const report = await this.#store.writer.push(organizationId, datasetId, [change], options);
    assert.equal(report.added + report.changed + report.unchanged + report.rejected.length, 1);
    return report.rejected.length === 0;
  }

  async merge(one: Identity, other: Identity): Promise<MergeAnswer> {
    const keys = [identityOf(one), identityOf(other)] as const;
    const answer = await this.#store.writer.mergeContacts(
      this.#organizationId,
      ...keys,
      this.#options,
    );
    if ('refused' in answer) return { refused: answer.refused };
    return { entry: this.#entries.push(answer.entry) - 1 };
  }

  /** @returns why it is refused, if it is */
  async unmerge(entry: number): Promise<string | undefined> {
    const name = this.#entries[entry] ?? '';
    const answer = await this.#store.writer.unmergeContacts(
      this.#organizationId,
      name,
      this.#options,
    );
    return 'refused' in answer ? answer.refused : undefined;
  }

  async split(identity: Identity): Promise<void> {
    await this.#store.writer.splitContact(
      this.#organizationId,
      identityOf(identity),
      this.#options,
    );
  }

  /** Parts all joins that runs of the dataset made. */
  async part(dataset: string): Promise<void> {
    const { organizationId, datasetId } = this.#place(dataset);
    const [since, until] = ['0'.repeat(16), 'f'.repeat(16)];
    let after: string | null = null;
    do {
      const storm = { since, until, datasetId, after };
      const { next } = await this.#store.writer.partJoins(organizationId, storm, this.#options);
      after = next;
    } while (after !== null);
  }

  /** What the store held of the identity. */
  async erase(identity: Identity): Promise<HeldOfIdentity> {
    this.#runs += 1;
    const request = { requestId: `erasure-${this.#runs}`, identities: [identityOf(identity)] };
    const { rules } = this.#options;
    for (;;) {
      const step = await this.#store.writer.eraseContacts(this.#organizationId, request, { rules });
      if (!step.isDone) continue;
      const { contacts, notFound, alreadySuppressed, identities } = step.counts;
      assert.ok(contacts + notFound + alreadySuppressed <= 1);
      assert.equal(step.subjects.length, identities);
      const held = identities > 0 ? 'traces' : 'nothing';
      return { held: contacts === 1 ? 'contact' : held, identities };
    }
  }

  get #options() {
    return { by: null, rules: makeIdentityRulesOf(this.#settings) };
  }

  /** Takes back the attempts of the dataset's newest run. One that wrote nothing is not kept. */
  async rollBack(dataset: string): Promise<void> {
    const attempts = this.#attempts.get(dataset)?.pop() ?? [];
    const { writer, reader } = this.#store;
    const place = this.#place(dataset);
    for (;;) {
      const [run] = await reader.listRollbackRuns(place.organizationId, place.datasetId);
      if (run === undefined || !attempts.includes(run.runId)) return;
      this.#runs += 1;
      const runId = `rollback-${this.#runs}`;
      const lease = await writer.beginRun({ ...place, runId, canRollBack: false });
      let isDone = false;
      while (!isDone) ({ isDone } = await writer.rollBackBatch(lease, run, 3));
      await writer.finishRun(lease, { baselineId: 'none', asOfMs: 0 });
    }
  }

  /**
   * A list marks contacts.
   * @returns those that match none
   */
  async mark(identities: readonly Identity[]): Promise<Identity[]> {
    this.#runs += 1;
    const { writer } = this.#store;
    const place = { organizationId: this.#organizationId, datasetId: listDatasetId };
    const lease = await writer.beginRun({ ...place, runId: `run-${this.#runs}`, isSnapshot: true });
    const changes = identities.map((identity): ContactChange => {
      return { kind: 'list', identities: [identityOf(identity)], section: new Uint8Array(0) };
    });
    const report = await writer.applyBatch(lease, changes);
    await writer.finishRun(lease, { baselineId: `baseline-${this.#runs}`, asOfMs: 0 });
    return report.unmatched.map((at) => identities[at] as Identity);
  }

  async isMarked(identity: Identity): Promise<boolean> {
    const key = identityOf(identity);
    const query = { organizationId: this.#organizationId, identity: key, parts: recordOnly };
    const isMarked = await this.#store.reader.lendContact(query, ({ record }) => {
      return findSectionEntry(record, listDatasetId) >= 0;
    });
    return isMarked ?? false;
  }

  /** The sections that an identity leads to, as `crm Ann`, in the order of the datasets. */
  async answer(identity: Identity): Promise<string | undefined> {
    const parts = { memberships: true, identities: false };
    const query = { organizationId: this.#organizationId, identity: identityOf(identity), parts };
    return this.#store.reader.lendContact(query, ({ record, memberships }) => {
      const all = decodeRecord(record.bytes, record.length).sections;
      const sections = all.filter(({ datasetId }) => datasetId !== amendmentsDatasetId);
      const isMark = ({ datasetId }: { datasetId: number }) => datasetId === listDatasetId;
      const shown = sections.filter((section) => !isMark(section));
      const answers = shown.map(({ datasetId, fields }) => {
        return `${this.#nameOf(datasetId)} ${JSON.parse(fields.get(1) ?? '""')}`;
      });
      const reported = reportsIn(memberships?.bytes.subarray(0, memberships.length));
      if (reported !== '') answers.push(`${feed.name} ${reported}`);
      // A mark of a list is answered alone too.
      return answers.length === 0 && sections.some(isMark) ? undefined : answers.join(', ');
    });
  }

  async amend(
    identity: Identity,
    { set, ...change }: Omit<AmendmentChange, 'set'> & { readonly set: readonly SetValue[] },
  ): Promise<AmendmentOutcome> {
    const key = identityOf(identity);
    const options = { rules: makeIdentityRulesOf(this.#settings) };
    const values = set.map(({ dataset, ...value }) => {
      return dataset === null ? value : { ...value, ...this.#place(dataset) };
    });
    const given = { ...change, set: values };
    return this.#store.writer.amendContact(this.#organizationId, key, given, options);
  }

  async amendments(identity: Identity): Promise<readonly Amendment[] | undefined> {
    return this.#store.reader.readAmendments(this.#organizationId, identityOf(identity));
  }

  /** @param ids of the fields that are left */
  async keepAmendments(ids: readonly number[]): Promise<void> {
    const fields = ids.map((id) => ({ id, type: 'string' as const }));
    const page: { after: string | null; readonly limit: number } = { after: null, limit: 1 };
    const forget = () => this.#store.writer.forgetAmendments(this.#organizationId, fields, page);
    do ({ next: page.after } = await forget());
    while (page.after !== null);
  }

  /** The id of the contact that an identity leads to, or an id of it, in hexadecimal. */
  async contactIdOf(identity: Identity | { readonly id: string }): Promise<string | undefined> {
    const key =
      typeof identity === 'string'
        ? identityOf(identity)
        : { typeId: 0, digest: Buffer.from(identity.id, 'hex') };
    const query = { organizationId: this.#organizationId, identity: key, parts: recordOnly };
    return this.#store.reader.lendContact(query, ({ record }) => contactIdText(record.bytes));
  }

  #place(dataset: string): DatasetPlace {
    const { datasets } = this.#settings;
    const place = datasets.findIndex(({ name }) => name === dataset);
    return { organizationId: this.#organizationId, datasetId: firstDatasetId + place };
  }

  #nameOf(datasetId: number): string {
    return this.#settings.datasets[datasetId - firstDatasetId]?.name ?? '?';
  }
}

/** As `makeIdentityRulesOf` numbers them. */
const firstDatasetId = 11;
const listDatasetId = 9;

function inBatches(
  changes: readonly ContactChange[],
  batches: readonly (readonly number[])[] = [[...changes.keys()]],
): (readonly ContactChange[])[] {
  return batches
    .map((batch) => batch.map((at) => changes[at]).filter((change) => change !== undefined))
    .filter((batch) => batch.length > 0);
}

/** Digests of one type sort as the texts do, which are short. */
function identityOf(identity: Identity): KnownIdentity {
  const digest = new Uint8Array(16);
  digest.set(Buffer.from(textOf(identity)).subarray(0, 16));
  return { typeId: typeIdOf(typeOf(identity)), digest, value: textOf(identity) };
}

function nameOf(key: IdentityKey | undefined): string {
  return key === undefined ? '' : `${key.typeId} ${Buffer.from(key.digest).toString('hex')}`;
}
