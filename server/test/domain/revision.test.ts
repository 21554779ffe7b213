/** Revisions, and the contact ids that are made from them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeContactId } from '../../src/domain/contact/contact-id.ts';
import { formatRevision, nextRevision, parseRevision } from '../../src/domain/revision.ts';

const clocks = fc.array(fc.integer({ min: 0, max: 2 ** 47 }), { minLength: 1, maxLength: 50 });

/** Milliseconds since 1970. */
const revisionMs = (revision: bigint) => Number(revision >> 16n);

test('revisions increase whatever the clock does, as numbers and as texts', () => {
  fc.assert(
    fc.property(clocks, (times) => {
      let last = 0n;
      for (const nowMs of times) {
        const next = nextRevision(last, nowMs);
        assert.ok(next > last);
        assert.ok(formatRevision(next) > formatRevision(last));
        last = next;
      }
    }),
  );
});

test('a revision has the time of a moving clock, and counts on when the clock stands still', () => {
  const first = nextRevision(0n, 1_000);
  assert.equal(revisionMs(first), 1_000);
  assert.equal(nextRevision(first, 1_000), first + 1n);
  assert.equal(nextRevision(first, 999), first + 1n);
  assert.equal(revisionMs(nextRevision(first, 1_001)), 1_001);
  assert.equal(nextRevision(0n, 1_000.7), first);
});

test('the counter of a revision overflows into the milliseconds', () => {
  assert.equal(revisionMs(nextRevision((1_000n << 16n) | 0xffffn, 1_000)), 1_001);
});

test('a revision is read from its text, and other texts are refused', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (revision) => {
      assert.equal(parseRevision(formatRevision(revision)), revision);
    }),
  );
  for (const text of ['', '0', '00000000000000000', '000000000000000G', '000000000000000A']) {
    assert.equal(parseRevision(text), undefined);
  }
});

test('contact ids are UUIDv7 that ascend with their revisions', () => {
  const id = (revision: bigint) => {
    const into = new Uint8Array(16);
    writeContactId(into, revision, new Uint8Array(16).fill(0xff), 8);
    return Buffer.from(into).toString('hex');
  };
  fc.assert(
    fc.property(clocks, (times) => {
      let revision = 0n;
      let last = '';
      for (const nowMs of times) {
        revision = nextRevision(revision, nowMs);
        const next = id(revision);
        assert.match(next, /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
        assert.equal(Number.parseInt(next.slice(0, 12), 16), revisionMs(revision));
        assert.ok(next > last);
        last = next;
      }
    }),
  );
});
