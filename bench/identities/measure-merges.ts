/**
 * Measures how long the writer takes to merge two large contacts. It writes them into a store
 * beside the contacts that are there, in an organization of their own.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { encodeSection } from '../../server/src/stores/contact-codec.ts';
import { openReader, openWriter } from '../../server/src/stores/open-store.ts';
import type {
  ContactChange,
  ContactReader,
  ContactWriter,
  KnownIdentity,
} from '../../server/src/stores/store.ts';

/** How many merges are measured, each of two contacts of its own. */
export const merges = 21;

const organizationId = 1_000;
const datasets = 20;
const fieldsPerSection = 20;
/** Five types of ten identities each: as many as a type allows, once two contacts are merged. */
const [types, identities] = [5, 50];

export interface Merge {
  /** Until it is on the disk. */
  readonly wallMs: number;
  readonly cpuMs: number;
}

export async function measureMerges(dataFolder: string): Promise<Merge[]> {
  const writer = await openWriter(dataFolder);
  const reader = openReader(dataFolder);
  try {
    await writeContacts(writer);
    const measured: Merge[] = [];
    for (let pair = 0; pair < merges; pair += 1) {
      const [one, other] = [identityOf(pair * 2, 0), identityOf(pair * 2 + 1, 0)];
      await checkContact(reader, [one, other], { contacts: merges * 2 - pair, identities });
      const [begunMs, usage] = [performance.now(), process.cpuUsage()];
      const answer = await writer.mergeContacts(organizationId, one, other, { by: null });
      const { user, system } = process.cpuUsage(usage);
      measured.push({ wallMs: performance.now() - begunMs, cpuMs: (user + system) / 1000 });
      assert.ok('entry' in answer, JSON.stringify(answer));
      const both = [one, other, identityOf(pair * 2, 49), identityOf(pair * 2 + 1, 49)];
      await checkContact(reader, both, {
        contacts: merges * 2 - pair - 1,
        identities: identities * 2,
      });
    }
    return measured;
  } finally {
    await reader.close();
    await writer.close();
  }
}

async function writeContacts(writer: ContactWriter): Promise<void> {
  for (let datasetId = 1; datasetId <= datasets; datasetId += 1) {
    const runId = `merges-${datasetId}`;
    const lease = await writer.beginRun({ organizationId, datasetId, runId });
    const rows = Array.from({ length: merges * 2 }, (_, contact) => rowOf(contact, datasetId));
    const report = await writer.applyBatch(lease, rows);
    assert.deepEqual(report.rejected, []);
    await writer.finishRun(lease, { baselineId: runId, asOfMs: 0 });
  }
}

/**
 * A row has a key of its own, names the first identity, which makes the rows one contact, and some
 * of the identities that are no keys.
 */
function rowOf(contact: number, datasetId: number): ContactChange {
  const own = Array.from({ length: identities }, (_, number) => number).filter(
    (number) => number % datasets === datasetId - 1,
  );
  const named = [...new Set([...own, 0])].map((number) => identityOf(contact, number));
  const fields = Array.from({ length: fieldsPerSection }, (_, place): [number, Buffer] => [
    datasetId * fieldsPerSection + place,
    Buffer.from(JSON.stringify(`value ${place} of contact ${contact}`)),
  ]);
  return { kind: 'replace', identities: named, section: encodeSection(fields) };
}

function identityOf(contact: number, number: number): KnownIdentity {
  const value = `${contact}-${number}`;
  const digest = Buffer.from(hash('sha256', value).slice(0, 32), 'hex');
  return { typeId: 1 + (number % types), digest, value };
}

/** @throws if the identities do not lead to one contact, or there are other counts than expected */
async function checkContact(
  reader: ContactReader,
  keys: readonly KnownIdentity[],
  expected: { readonly contacts: number; readonly identities: number },
): Promise<void> {
  const all = await reader.counts(organizationId);
  assert.deepEqual(all, { contacts: expected.contacts, identities: identities * merges * 2 });
  const parts = { memberships: false, identities: true };
  for (const identity of keys) {
    const query = { organizationId, identity, parts };
    const found = await reader.lendContact(query, (contact) => contact.identities.length);
    assert.equal(found, expected.identities);
  }
}
