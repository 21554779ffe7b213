/**
 * `npm run bench:key-layout [-- --contacts 1000000 --rounds 11]`: compares two ways to store the
 * records of contacts under their identities, by the CPU time of a look-up in LMDB alone.
 *
 * - "id index", as the store does it: an identity leads to the contact's id, and the id to the
 *   record. Each look-up searches two trees.
 * - "key first": the record is stored under one identity, its key, and every other identity leads
 *   to the key. A look-up by the key searches one tree; any other look-up searches it twice.
 *
 * It prints the bytes of a contact, and the ratio of the two times: the median of the rounds, with
 * its 95 % interval.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { contactsPath } from '../server/src/stores/embedded/files/embedded-files.ts';
import {
  ContactKey,
  openKeyedDatabase,
  ReadTransaction,
} from '../server/src/stores/embedded/keyed-database.ts';
import { openRootOfCopy } from '../server/src/stores/embedded/open-root.ts';
import { workFolder } from './lookup/folders.ts';
import { medianInterval } from './lookup/median-interval.ts';

/** A record of 24 fields has about this many bytes. A look-up reads it as one value. */
const recordBytes = 520;
const [keyType, otherType] = [2, 1];
const perTransaction = 5_000;
const lookupsPerTurn = 100_000;

type Root = ReturnType<typeof openRootOfCopy>;

interface Layout {
  readonly name: string;
  readonly root: Root;
  readonly path: string;
  find(typeId: number, digest: Uint8Array): Buffer | undefined;
}

const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '11' },
  },
});
const contacts = Number(values.contacts);

/** The digest of a contact's identity. */
function digestOf(contact: number, typeId: number): Buffer {
  return createHash('sha256').update(`${typeId}:${contact}`).digest().subarray(0, 16);
}

function keyed(bytes: Uint8Array, typeId: number, start = 0): ContactKey {
  return Object.assign(new ContactKey(), { organizationId: 1, typeId, bytes, start });
}

function openLayout(name: string): { root: Root; path: string } {
  const folder = join(workFolder, `layout-${name.replace(' ', '-')}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return { root: openRootOfCopy(folder), path: contactsPath(folder) };
}

/** Puts contacts in the order of their key's digest, as a first load writes them. */
function fill(root: Root, put: (contact: number) => void): void {
  const order = Array.from({ length: contacts }, (_, contact) => contact);
  order.sort((a, b) => Buffer.compare(digestOf(a, keyType), digestOf(b, keyType)));
  for (let at = 0; at < contacts; at += perTransaction) {
    root.transactionSync(() => order.slice(at, at + perTransaction).forEach(put));
  }
}

function idIndex(): Layout {
  const { root, path } = openLayout('id index');
  const id = openKeyedDatabase(root, 'id');
  const rec = openKeyedDatabase(root, 'rec');
  let count = 0;
  fill(root, (contact) => {
    // Ids ascend in the order in which contacts are added.
    count += 1;
    const contactId = Buffer.alloc(16);
    contactId.writeUInt32BE(count, 2);
    const entry = Buffer.alloc(17, 1);
    entry.set(contactId);
    for (const type of [keyType, otherType]) id.put(keyed(digestOf(contact, type), type), entry);
    rec.put(keyed(contactId, -1), Buffer.alloc(recordBytes, 7));
  });
  const transaction = new ReadTransaction(root);
  const find = (typeId: number, digest: Uint8Array) => {
    const entry = id.getBinaryFast(keyed(digest, typeId), transaction);
    const record = entry && rec.getBinaryFast(keyed(entry, -1), transaction);
    transaction.end();
    return record;
  };
  return { name: 'id index', root, path, find };
}

function keyFirst(): Layout {
  const { root, path } = openLayout('key first');
  const rec = openKeyedDatabase(root, 'rec');
  fill(root, (contact) => {
    const key = digestOf(contact, keyType);
    rec.put(keyed(key, keyType), Buffer.alloc(recordBytes, 7));
    rec.put(keyed(digestOf(contact, otherType), otherType), key);
  });
  const transaction = new ReadTransaction(root);
  const find = (typeId: number, digest: Uint8Array) => {
    let found = rec.getBinaryFast(keyed(digest, typeId), transaction);
    if (found !== undefined && rec.lastSize === 16) {
      found = rec.getBinaryFast(keyed(found, keyType), transaction);
    }
    transaction.end();
    return found;
  };
  return { name: 'key first', root, path, find };
}

/** The CPU time of a look-up of a random contact, in microseconds. */
function measure({ find }: Layout, digests: readonly Buffer[], typeId: number): number {
  const before = process.cpuUsage();
  for (const digest of digests) {
    if (find(typeId, digest)?.[recordBytes - 1] !== 7) throw new Error('a contact is missing');
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / digests.length;
}

function compare(layouts: readonly [Layout, Layout], typeId: number, what: string): void {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    const digests = Array.from({ length: lookupsPerTurn }, () =>
      digestOf(Math.floor(Math.random() * contacts), typeId),
    );
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    // The first round only warms up.
    for (const place of order) {
      const time = measure(layouts[place as 0 | 1], digests, typeId);
      if (round > 0) times[place as 0 | 1].push(time);
    }
  }
  const [now, other] = times;
  const { median, low, high } = medianInterval(other.map((time, at) => time / (now[at] ?? 0)));
  const [nowUs, otherUs] = times.map((some) => medianInterval(some).median.toFixed(2));
  console.log(
    `${what}: id index ${nowUs} us, key first ${otherUs} us; ratio ${median.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`,
  );
}

const layouts = [idIndex(), keyFirst()] as const;
for (const { name, path } of layouts) {
  console.log(`${name}: ${(statSync(path).size / contacts).toFixed(0)} bytes a contact`);
}
compare(layouts, keyType, 'by the key');
compare(layouts, otherType, 'by another identity');
for (const { root } of layouts) await root.close();
