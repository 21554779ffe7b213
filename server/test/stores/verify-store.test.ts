/** Verifying a store finds entries that do not agree with each other. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ByteScratch } from '../../src/stores/byte-scratch.ts';
import { viewSection } from '../../src/stores/contact-codec.ts';
import { hiddenKey, putHidden } from '../../src/stores/embedded/contacts/hidden-sections.ts';
import { LinkWriter, waitKey } from '../../src/stores/embedded/contacts/identity-links.ts';
import { openForWriting, type WritableEnvironment } from '../../src/stores/embedded/environment.ts';
import { composeRecord } from '../../src/stores/merge-section.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { IdentityKey, KnownIdentity } from '../../src/stores/store.ts';
import { email, makeDataFolder, readContact, replace, section, userId } from './sample-changes.ts';

const organizationId = 1;
/**
 * The user 7 is part of Tom's contact, with a row of its own, and so is Bob, who was joined later.
 */
const [tom, ann, bob] = [email('tom@x.org'), email('ann@x.org'), email('bob@x.org')];
/** Claimed by Tom's row and by Ann's, of one dataset: it leads nowhere. */
const shared = userId('shared');

async function makeStore(t: TestContext): Promise<string> {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  const runs = [
    { datasetId: 1, rows: [replace([userId('7')], { 1: 'Seven' })] },
    { datasetId: 2, rows: [replace([bob], { 2: 'Bob' })] },
    {
      datasetId: 1,
      rows: [
        replace([tom, userId('7'), shared], { 1: 'Tom' }),
        replace([ann, shared], { 1: 'Ann' }),
      ],
    },
    { datasetId: 3, rows: [replace([tom, bob], { 3: 'Both' })] },
  ];
  for (const [place, { datasetId, rows }] of runs.entries()) {
    const lease = await writer.beginRun({ runId: `${place}`, organizationId, datasetId });
    await writer.applyBatch(lease, rows);
    await writer.finishRun(lease, { baselineId: `${place}`, asOfMs: 1 });
  }
  const set = [{ fieldId: 1, value: '"Thomas"' }];
  await writer.amendContact(organizationId, tom, { set, lift: [], atMs: 5 }, {});
  const reader = openReader(folder);
  const [toms, bobs] = [await readContact(reader, 1, tom), await readContact(reader, 1, bob)];
  assert.deepEqual(toms, bobs);
  assert.equal(await readContact(reader, 1, shared), undefined);
  await reader.close();
  await writer.close();
  return folder;
}

async function faultsAfter(t: TestContext, damage: (store: Damaged) => void): Promise<unknown> {
  const folder = await makeStore(t);
  const environment = openForWriting(folder);
  environment.transact(() => damage(new Damaged(environment)));
  await environment.close();
  const reader = openReader(folder);
  const { tornContacts, danglingIdentities, wrongCounts } = await reader.verify();
  await reader.close();
  return [tornContacts, danglingIdentities, wrongCounts];
}

/** A store whose entries are changed one by one. */
class Damaged {
  readonly environment: WritableEnvironment;
  readonly links: LinkWriter;

  constructor(environment: WritableEnvironment) {
    this.environment = environment;
    this.links = new LinkWriter(environment.link, organizationId);
  }

  indexKey({ typeId, digest }: IdentityKey): Buffer {
    return Buffer.concat([Buffer.of(0, organizationId, 0, typeId), digest]);
  }

  entry(identity: IdentityKey): Buffer {
    const entry = this.environment.id.getBinaryFast(this.indexKey(identity));
    return Buffer.from(entry?.subarray(0, 17) ?? assert.fail());
  }

  put(identity: IdentityKey, entry: Uint8Array): void {
    this.environment.id.put(this.indexKey(identity), entry);
  }

  contactKey(identity: IdentityKey): Buffer {
    return Buffer.concat([Buffer.of(0, organizationId), this.entry(identity).subarray(0, 16)]);
  }

  /** Of the one row key of which something was amended. */
  amendedKey(): Uint8Array {
    const [entry] = this.environment.amend.getRange({ start: Buffer.of(0), limit: 1 });
    return Buffer.from(entry?.key ?? assert.fail());
  }

  putHidden(datasetId: number, key: KnownIdentity): void {
    const view = viewSection(section({ 1: 'x' })) ?? assert.fail();
    const at = hiddenKey({ organizationId, datasetId }, key);
    const stored = { view, asOfMs: 0, sourceVersion: 1n };
    putHidden(this.environment.row, at, stored, new ByteScratch());
  }
}

const row7 = { datasetId: 1, key: userId('7') };

const damages: readonly (readonly [
  what: string,
  faults: readonly [torn: number, dangling: number, counts: number],
  damage: (store: Damaged) => void,
])[] = [
  ['nothing', [0, 0, 0], () => undefined],
  [
    'an identity that leads to a contact without an entry in the index',
    [0, 1, 0],
    (store) => store.environment.id.remove(store.indexKey(bob)),
  ],
  [
    'an identity that leads nowhere without an entry in the index',
    // The lists of Tom and of Ann have it, and both rows wait at it.
    [0, 4, 0],
    (store) => store.environment.id.remove(store.indexKey(shared)),
  ],
  [
    'an index entry that leads to a contact which has the identity without effect',
    [0, 2, 0],
    (store) => store.put(shared, Buffer.concat([store.entry(tom).subarray(0, 16), Buffer.of(3)])),
  ],
  [
    'an index entry that leads nowhere and is not linked',
    [0, 3, 0],
    (store) => store.put(shared, Buffer.alloc(17)),
  ],
  [
    'an index entry that leads to the id of a joined contact',
    [0, 2, 0],
    (store) => {
      const alias = [...store.environment.rec.getRange({ start: Buffer.of(0), limit: 9 })].find(
        ({ value }) => value.length === 48,
      );
      const contactId = alias?.key.subarray(2) ?? assert.fail();
      store.put(bob, Buffer.concat([contactId, Buffer.of(1)]));
    },
  ],
  [
    'a claim without effect that is not linked with its identity',
    [0, 1, 0],
    (store) => {
      const link = waitKey(organizationId, shared, { datasetId: 1, key: tom });
      store.environment.link.remove(link);
    },
  ],
  [
    'a link with a row that does not exist',
    [0, 1, 0],
    (store) => store.links.wait(shared, { datasetId: 9, key: tom }, true),
  ],
  [
    'a link with a row that does not claim the identity',
    [0, 1, 0],
    (store) => store.links.wait(shared, row7, true),
  ],
  [
    'a row without its section, which is hidden',
    [1, 0, 0],
    (store) => store.environment.row.remove(hiddenKey({ organizationId, datasetId: 1 }, row7.key)),
  ],
  ['a hidden section of a row that answers', [2, 0, 0], (store) => store.putHidden(1, tom)],
  ['a hidden section of no row', [1, 0, 0], (store) => store.putHidden(1, bob)],
  [
    'a record without the section of a row',
    [1, 0, 1],
    (store) => {
      const scratch = new ByteScratch();
      const key = store.contactKey(ann);
      const contactId = key.subarray(2);
      const length = composeRecord(scratch, { contactId, revision: 1n, sections: [] });
      store.environment.rec.put(key, Buffer.from(scratch.bytes.subarray(0, length)));
    },
  ],
  [
    'a record without what was amended',
    [1, 0, 0],
    (store) => store.environment.amend.remove(store.amendedKey()),
  ],
  [
    'an amendment that cannot be read',
    // The record does not have it either.
    [2, 0, 0],
    (store) => store.environment.amend.put(store.amendedKey(), Buffer.from('torn')),
  ],
  [
    'a joined contact whose other id leads nowhere',
    [1, 0, 0],
    (store) => {
      const { rec } = store.environment;
      const all = [...rec.getRange({ start: Buffer.of(0), limit: 9 })];
      for (const { key, value } of all) if (value.length === 48) rec.remove(Buffer.from(key));
    },
  ],
];

for (const [what, faults, damage] of damages) {
  test(`verify finds ${what}`, async (t) => {
    assert.deepEqual(await faultsAfter(t, damage), faults);
  });
}
