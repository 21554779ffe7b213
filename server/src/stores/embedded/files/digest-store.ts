/**
 * The digests of a store. `full` hashes keys and values as stored. `content` hashes only what
 * callers gave: identities, values and memberships. It adds up the hashes of the contacts, so that
 * their order, which depends on their ids, does not matter.
 */
import { hash } from 'node:crypto';
import { membershipContent } from '../../../domain/membership/membership-ledger.ts';
import { amendedAtFieldId, decodeRecord } from '../../contact-codec.ts';
import { unpackIdentities } from '../contacts/contact-list.ts';
import type { Environment } from '../environment.ts';
import { openAllDatabases } from '../keyed-database.ts';
import { EntryDigest, fullDigest } from './entry-digest.ts';
import { type Entry, readEntries } from './read-entries.ts';

export function digestStore(environment: Environment, kind: 'content' | 'full'): Promise<string> {
  return kind === 'full' ? digestBytes(environment) : digestContent(environment);
}

async function digestBytes({ root }: Environment): Promise<string> {
  const digests = new Map<string, EntryDigest>();
  for (const [name, database] of openAllDatabases(root)) {
    const digest = new EntryDigest();
    digests.set(name, digest);
    for await (const entries of readEntries(root, database)) {
      for (const { key, value } of entries) digest.add(key, value);
    }
  }
  return fullDigest(digests);
}

async function digestContent(environment: Environment): Promise<string> {
  let sum = 0n;
  for await (const entries of readEntries(environment.root, environment.rec)) {
    for (const entry of entries) sum += contactDigest(environment, entry);
  }
  // A sum does not depend on the order. It is cut to 256 bits.
  return hash('sha256', BigInt.asUintN(256, sum).toString(16));
}

function contactDigest({ ids, mem }: Environment, { key, value }: Entry): bigint {
  const record = decodeRecord(value, value.length);
  if (record.kind !== 'contact') return 0n;
  const identities = ids.getBinaryFast(key);
  const known = identities === undefined ? [] : unpackIdentities(identities, ids.lastSize);
  const packed = mem.getBinaryFast(key);
  const content = [
    key[0],
    key[1],
    known.map((it) => [it.typeId, hex(it.digest), it.value].join(' ')).sort(),
    record.sections.map(({ datasetId, fields }) => {
      return [datasetId, [...fields].filter(([fieldId]) => fieldId !== amendedAtFieldId)];
    }),
    packed === undefined ? '' : membershipContent(packed.subarray(0, mem.lastSize)),
  ];
  return BigInt(`0x${hash('sha256', JSON.stringify(content))}`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
