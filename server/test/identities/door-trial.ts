/**
 * The product as a trial of the identity rules: runs read files; pushes, joins by people and
 * look-ups go through the HTTP server; rollbacks, backups and restores are those of the commands.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeBackup } from '../../src/administration/backup/make-backup.ts';
import { restoreBackup } from '../../src/administration/backup/restore-backup.ts';
import { identityRulesOf } from '../../src/catalog/identity-rules-of.ts';
import { composeBackup, composeDataFiles } from '../../src/compose.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import type { IdentityRules } from '../../src/domain/contact/identity-rules.ts';
import { rollBackRun } from '../../src/runs/roll-back-run.ts';
import type { RunCaller } from '../../src/runs/run-caller.ts';
import { carryOutRun, startRun } from '../../src/runs/start-run.ts';
import type { KnownIdentity } from '../../src/stores/store.ts';
import { readContact } from '../stores/sample-changes.ts';
import { runPartsOf } from './door-parts.ts';
import {
  type DoorOrganization,
  type DoorPlace,
  fieldOf,
  openDoorPlace,
  textColumn,
} from './door-place.ts';
import { datasetRules, type Identity, textOf, typeOf } from './identity-state.ts';
import type { IdentityTrial, MergeAnswer } from './identity-trial.ts';
import { type IncomingRow, type ModelState, usableIdentities } from './model-state.ts';

const dayMs = 86_400_000;
const unwatched = { interrupted: new AbortController().signal, onProgress: () => undefined };

export class DoorTrial implements IdentityTrial {
  #place: DoorPlace;
  readonly #organization: DoorOrganization;
  /** The contact ids so far, in the order in which they answered first. */
  readonly #contactIds: string[] = [];
  readonly #entries: string[] = [];
  readonly #restored: DoorPlace[] = [];

  constructor(place: DoorPlace, organization: DoorOrganization) {
    this.#place = place;
    this.#organization = organization;
  }

  async run(dataset: string, rows: readonly IncomingRow[]): Promise<void> {
    this.#writeFile(dataset, rows);
    const parts = runPartsOf(this.#place.dataFolder);
    const request = { dataset, trigger: 'command', isFull: false } as const;
    let report = await startRun(this.#caller, parts, request);
    if (report.state === 'waiting') report = await carryOutRun(this.#caller, parts, report.runId);
    assert.equal(report.state, 'succeeded');
    await this.#noteContactIds(dataset, rows);
  }

  async runKilled(dataset: string, rows: readonly IncomingRow[], after: number): Promise<void> {
    this.#writeFile(dataset, rows);
    const script = join(import.meta.dirname, 'killed-run-child.ts');
    const call = [this.#place.dataFolder, String(this.#organization.id), dataset, String(after)];
    const child = spawn(process.execPath, [script, ...call], { stdio: 'inherit' });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    assert.equal(signal, 'SIGKILL');
    await this.#noteContactIds(dataset, rows);
  }

  async push(dataset: string, row: IncomingRow): Promise<void> {
    const { kind } = datasetRules(this.#organization.settings, dataset);
    const members = row.identities.map((identity) => [typeOf(identity), writtenValue(identity)]);
    const cleared = (row.cleared ?? []).map((type) => [type, null]);
    const text = kind === 'identity' ? [] : [[textColumn, row.section]];
    const rows = [Object.fromEntries([...members, ...cleared, ...text])];
    const route = kind === 'identity' ? 'identities' : 'contacts';
    const { status, body } = await this.#send(`/ingest/v1/${route}`, { dataset, rows });
    assert.deepEqual([status, body['rejections']], [200, []], JSON.stringify(body));
    await this.#noteContactIds(dataset, [row]);
  }

  async merge(one: Identity, other: Identity): Promise<MergeAnswer> {
    const identities = [this.#asked(one), this.#asked(other)];
    const { status, body } = await this.#send('/admin/v1/contacts/merge', { identities });
    if (status !== 200) return { refused: String(body['code']) };
    return { entry: this.#entries.push(String(body['entry'])) - 1 };
  }

  async unmerge(entry: number): Promise<void> {
    const call = { entry: this.#entries[entry] };
    const { status, body } = await this.#send('/admin/v1/contacts/unmerge', call);
    assert.equal(status, 200, JSON.stringify(body));
  }

  async split(identity: Identity): Promise<void> {
    const call = { identity: this.#asked(identity) };
    const { status, body } = await this.#send('/admin/v1/contacts/split', call);
    assert.equal(status, 200, JSON.stringify(body));
  }

  async part(dataset: string): Promise<void> {
    const call = { since: '1970-01-01T00:00:00Z', dataset };
    const { status, body } = await this.#send('/admin/v1/contacts/joins/unmerge', call);
    assert.equal(status, 200, JSON.stringify(body));
  }

  async erase(identity: Identity): Promise<void> {
    const { writer } = this.#place;
    const { id } = this.#organization;
    const request = { requestId: `${id} ${identity}`, identities: [await this.#keyOf(identity)] };
    const rules = await this.#readRules();
    let step = await writer.eraseContacts(id, request, { rules });
    while (!step.isDone) step = await writer.eraseContacts(id, request, { rules });
    assert.equal(step.counts.notFound, 0);
  }

  #readRules(): Promise<IdentityRules> {
    const { catalog } = this.#place.administration;
    return catalog.read((view) => identityRulesOf(view, this.#organization.id));
  }

  async rollBack(dataset: string): Promise<void> {
    const parts = { ...runPartsOf(this.#place.dataFolder), onProgress: () => undefined };
    await rollBackRun(this.#caller, parts, dataset);
  }

  async backUp(): Promise<void> {
    const { dataFolder } = this.#place;
    const settings = { dataFolder, catalog: 'sqlite' } as const;
    const parts = await composeBackup(settings, { release: '0.1.0', clock: Date.now });
    await makeBackup(parts, this.#beside('backup'), unwatched);
  }

  /** Goes on in another data folder with a server of its own, since a restore overwrites none. */
  async restore(): Promise<void> {
    const dataFolder = this.#beside('restored');
    const parts = await composeDataFiles({ dataFolder, catalog: 'sqlite' });
    const suppression = { files: this.#lists(), mayBeMissing: true };
    await restoreBackup(parts, this.#beside('backup'), { ...unwatched, suppression });
    this.#place = await openDoorPlace(dataFolder);
    this.#restored.push(this.#place);
  }

  /** The suppression lists of the folder in use, as an operator names them. */
  #lists(): readonly string[] {
    return globSync(join(this.#place.dataFolder, 'suppression/*.list'));
  }

  async wait(days: number): Promise<void> {
    this.#place.clock.laterMs += days * dayMs;
  }

  async answer(identity: Identity): Promise<string | undefined> {
    const datasets = this.#organization.settings.datasets.filter(({ kind }) => kind === 'contact');
    const fields = datasets.map(({ name }) => fieldOf(name)).join(',');
    const query = new URLSearchParams({ identity: this.#asked(identity), fields });
    const answer = await this.#fetch(`/audience/v2/contacts?${query}`);
    if (answer.status === 404) return undefined;
    assert.equal(answer.status, 200);
    const { contact } = (await answer.json()) as { contact: Record<string, string | null> };
    const told = datasets.map(({ name }) => [name, contact[fieldOf(name)]] as const);
    const shown = told.filter(([, text]) => text !== null);
    return shown.map(([name, text]) => `${name} ${text}`).join(', ');
  }

  /** Closes what `restore` opened. */
  async close(): Promise<void> {
    for (const place of this.#restored) await place.close();
  }

  get #caller(): RunCaller {
    const { administration } = this.#place;
    return { administration, organizationId: this.#organization.id };
  }

  #beside(name: string): string {
    const { id } = this.#organization;
    return join(dirname(this.#place.dataFolder), `${name}-${id}`);
  }

  #writeFile(dataset: string, rows: readonly IncomingRow[]): void {
    const { settings, folder } = this.#organization;
    const { identifiers } = datasetRules(settings, dataset);
    const lines = rows.map(({ identities, section }) => {
      const cellOf = (type: string) =>
        identities.filter((it) => typeOf(it) === type).map(writtenValue);
      return [...identifiers.map(cellOf), section].join(',');
    });
    const header = [...identifiers, textColumn].join(',');
    writeFileSync(join(folder, `${dataset}.csv`), `${[header, ...lines].join('\n')}\n`);
  }

  async #keyOf(identity: Identity): Promise<KnownIdentity> {
    const { catalog } = this.#place.administration;
    const types = await catalog.read((view) => view.listIdentityTypes(this.#organization.id));
    const type = types.find(({ name }) => name === typeOf(identity));
    assert.ok(type !== undefined);
    const value = writtenValue(identity);
    return { typeId: type.id, digest: identityDigest(type.normalisation, value), value };
  }

  /** A contact gets its id with its first row, so new ids are those of the rows' contacts. */
  async #noteContactIds(dataset: string, rows: readonly IncomingRow[]): Promise<void> {
    const { id, settings } = this.#organization;
    for (const { identities } of rows) {
      const [key] = usableIdentities({ settings } as ModelState, dataset, identities);
      if (key === undefined) continue;
      const found = await readContact(this.#place.reader, id, await this.#keyOf(key));
      const contactId = found?.contactId.toString('hex');
      if (contactId === undefined || this.#contactIds.includes(contactId)) continue;
      this.#contactIds.push(contactId);
    }
  }

  /** The identity as a look-up names it. */
  #asked(identity: Identity): string {
    if (!identity.startsWith('#')) return `${typeOf(identity)}:${writtenValue(identity)}`;
    const contactId = this.#contactIds[Number(identity.slice(1)) - 1];
    assert.ok(contactId !== undefined, `${identity} was never given`);
    const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(contactId)?.slice(1) ?? [];
    return `id:${parts.join('-')}`;
  }

  async #send(path: string, call: object) {
    const answer = await this.#fetch(path, { method: 'POST', body: JSON.stringify(call) });
    const body = (await answer.json()) as Readonly<Record<string, unknown>>;
    return { status: answer.status, body };
  }

  #fetch(path: string, call: { method?: string; body?: string } = {}): Promise<Response> {
    const { token } = this.#organization;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(`${this.#place.url}${path}`, { ...call, headers });
  }
}

/** The value as a source writes it: e-mails and phone numbers of scenarios are short. */
function writtenValue(identity: Identity): string {
  const text = textOf(identity);
  if (typeOf(identity) === 'em') return `${text}@example.net`;
  return typeOf(identity) === 'ph' ? `+49${text.padStart(8, '0')}` : text;
}
