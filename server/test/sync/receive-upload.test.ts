/** An upload that ends early for a reason of the server's side leaves nothing, and says why. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { UsherError } from '../../src/domain/errors.ts';
import { receiveUpload, type UploadBounds } from '../../src/sync/upload/receive-upload.ts';
import { type Upload, UploadFiles } from '../../src/sync/upload/upload-files.ts';
import { mountSmallDisk } from '../stores/small-disk.ts';

const megabyte = 1_048_576;

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-upload-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function receive(
  folder: string,
  bytes: PassThrough,
  bounds: Partial<UploadBounds> & { readonly announcedBytes?: number; readonly id?: string } = {},
): Promise<Upload> {
  const { announcedBytes, id = 'a'.repeat(24), ...others } = bounds;
  const file = { id, name: 'people.csv', by: 'token:x', createdAtMs: 1_000, datasetId: null };
  const sent = { organizationId: 1, ...file };
  return receiveUpload(
    new UploadFiles(folder),
    { ...sent, bytes, announcedBytes },
    { maxBytes: 100 * megabyte, ...others },
  );
}

function leftIn(folder: string): readonly string[] {
  const uploads = join(folder, 'uploads/1');
  return existsSync(uploads) ? readdirSync(uploads) : [];
}

function isProblem(code: string, words: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof UsherError, String(error));
    assert.equal(error.code, code);
    assert.match(error.detail, words);
    return true;
  };
}

test('a disk that fills up ends an upload with storage_full, and gets its space back', async (t) => {
  const folder = mountSmallDisk(t, 8);
  const bytes = new PassThrough();
  bytes.end(Buffer.alloc(12 * megabyte, 'email\n'));
  await assert.rejects(
    receive(folder, bytes, { reserveBytes: 0 }),
    isProblem('storage_full', /^The disk is full/),
  );
  assert.deepEqual(leftIn(folder), []);
  const small = new PassThrough();
  small.end('email\na@x.org\n');
  assert.equal((await receive(folder, small, { reserveBytes: 0 })).bytes, 14);
});

test('an upload that would leave too little space is refused before it begins', async (t) => {
  const folder = mountSmallDisk(t, 8);
  await assert.rejects(
    receive(folder, new PassThrough(), { announcedBytes: 10 }),
    isProblem('storage_full', /^The disk is full/),
  );
  assert.deepEqual(leftIn(folder), []);
});

test('a caller that falls silent ends its upload, and the stream stays open', async (t) => {
  const folder = makeFolder(t);
  const bytes = new PassThrough();
  bytes.write('email\n');
  await assert.rejects(
    receive(folder, bytes, { stallMs: 20 }),
    isProblem('request_timeout', /took too long/),
  );
  assert.deepEqual([leftIn(folder), bytes.destroyed], [[], false]);
});

test('fewer bytes than announced are an upload that broke off', async (t) => {
  const folder = makeFolder(t);
  const bytes = new PassThrough();
  bytes.end('email\n');
  await assert.rejects(
    receive(folder, bytes, { announcedBytes: 7 }),
    isProblem('request_malformed', /ended before the whole file/),
  );
  assert.deepEqual(leftIn(folder), []);
});

test('files that are over go, and an upload that still arrives stays', async (t) => {
  const folder = makeFolder(t);
  const files = new UploadFiles(folder);
  const send = async (id: string) => {
    const bytes = new PassThrough();
    bytes.end('email\na@x.org\n');
    return receive(folder, bytes, { id, reserveBytes: 0 });
  };
  const [young, old, given, running] = ['1', '2', '3', '4'].map((digit) => digit.repeat(24));
  const now = 90_000_000;
  await files.put({ ...(await send(old ?? '')), createdAtMs: now - 86_400_001 });
  await files.put({ ...(await send(young ?? '')), createdAtMs: now - 86_400_000 });
  for (const [id, datasetId] of [
    [given, 7],
    [running, 8],
  ] as const) {
    await files.put({
      ...(await send(id ?? '')),
      createdAtMs: now,
      given: { datasetId, atMs: now },
    });
  }
  const hasEnded = async ({ given: to }: { readonly given: { readonly datasetId: number } }) =>
    to.datasetId === 7;
  const arriving = new PassThrough();
  const received = receive(folder, arriving, { id: '5'.repeat(24), reserveBytes: 0 });
  arriving.write('email\n');
  assert.equal(await files.removeOver(now, { isStart: false, hasEnded }), 2);
  assert.deepEqual(leftIn(folder).toSorted(), [young, running, '5'.repeat(24)]);
  arriving.end();
  await received;
  rmSync(join(folder, 'uploads/1', '5'.repeat(24), 'upload.json'));
  utimesSync(join(folder, 'uploads/1', '5'.repeat(24)), 0, 0);
  assert.equal(await files.removeOver(now, { isStart: false, hasEnded }), 1, 'it was broken off');
});

test('an upload that trickles ends, although something always comes', async (t) => {
  const folder = makeFolder(t);
  const bytes = new PassThrough();
  const trickle = setInterval(() => bytes.write('e'), 5);
  t.after(() => clearInterval(trickle));
  const slow = receive(folder, bytes, { stallMs: 50 });
  await assert.rejects(slow, isProblem('request_timeout', /less than 64 kB/));
  assert.deepEqual(leftIn(folder), []);
});

test('compaction keeps the files whose run waits', async (t) => {
  const folder = makeFolder(t);
  const ids = ['a', 'b'].map((letter) => letter.repeat(24));
  for (const id of ids) {
    const bytes = new PassThrough();
    bytes.end('email\na@x.org\n');
    await receive(folder, bytes, { id });
  }
  await new UploadFiles(folder).removeAllBut(new Set(ids.slice(0, 1)));
  assert.deepEqual(leftIn(folder), ids.slice(0, 1));
});
