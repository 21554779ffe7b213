/** Finds where the access log of a folder ends, so that a new file can go on with its chain. */
import { readFile } from 'node:fs/promises';
import type { AccessEnd } from '../domain/access-end.ts';
import { type BlockHead, isBlockSound, readBlockHead } from './access-block.ts';
import {
  type AccessFile,
  accessFilePath,
  listAccessFiles,
  readCheckpoint,
} from './access-folder.ts';
import { type AccessKeys, hashBytes } from './access-keys.ts';
import { type HeadMark, readHeadMark } from './head-mark.ts';
import { readAccessFile, walkBlocks } from './read-access.ts';
import { readStartNote, type StartReason } from './start-note.ts';

export interface ChainEnd {
  readonly reason: StartReason;
  /** The last block, its hash and its file; 0 if there is none. */
  readonly block: number;
  readonly hash: Buffer;
  readonly file: number;
  /** Looks in all files so far. */
  readonly entries: number;
  /** Files to cut to so many bytes: the rest is a part of a block. */
  readonly torn: readonly { readonly path: string; readonly bytes: number }[];
  readonly tornBytes: number;
}

/** @param noted the end that the catalog noted last */
export async function findChainEnd(
  folder: string,
  keys: AccessKeys,
  noted?: AccessEnd,
): Promise<ChainEnd> {
  const end = await findOwnEnd(folder, keys);
  if (noted === undefined || (await hasNoted(folder, end, noted))) return end;
  const mark = { ...noted, hash: Buffer.from(noted.hash, 'hex') };
  const last = end.block > mark.block ? end : mark;
  return { ...brokenAt(last, Math.max(end.file, mark.file)), entries: end.entries };
}

/** Whether the log has the block that was noted, or its file has left. */
async function hasNoted(folder: string, end: ChainEnd, noted: AccessEnd): Promise<boolean> {
  if (end.block < noted.block) return false;
  const content = await readAccessFile(accessFilePath(folder, noted.file));
  if (content === undefined) return true;
  for (const { head } of walkBlocks(content)) {
    if (head.number === noted.block) return head.signature.toString('hex') === noted.hash;
  }
  return false;
}

async function findOwnEnd(folder: string, keys: AccessKeys): Promise<ChainEnd> {
  const files = await listAccessFiles(folder);
  const newest = files.at(-1);
  const mark = await readHeadMark(folder, keys);
  const checkpoint = await readCheckpoint(folder, keys);
  const isMarked = mark !== undefined && mark !== null;
  if (newest === undefined && !isMarked && checkpoint === undefined) return noLog;
  const torn: { path: string; bytes: number }[] = [];
  let tornBytes = 0;
  for (const file of files.toReversed()) {
    const end = await readFileEnd(file, keys);
    if (end !== undefined && end.keyId !== keys.id) return otherKey(file.number, end);
    const rest = file.bytes - (end?.bytes ?? 0);
    if (rest > 0 || end === undefined) {
      torn.push({ path: file.path, bytes: end?.bytes ?? 0 });
      tornBytes += rest;
    }
    if (end === undefined) continue;
    const lastFile = newest?.number ?? 0;
    const reason = end.head.kind === 'end' && tornBytes === 0 ? 'started' : 'crashed';
    return continueAfter({ ...end, reason, mark, lastFile, torn, tornBytes });
  }
  const file = newest?.number ?? 0;
  // Killed before the first block was whole.
  if (mark === undefined) return { ...noLog, reason: 'crashed', file, torn, tornBytes };
  return brokenAt(mark ?? undefined, file);
}

const noLog: ChainEnd = {
  ...{ reason: 'first', block: 0, hash: Buffer.alloc(hashBytes), file: 0, entries: 0 },
  ...{ torn: [], tornBytes: 0 },
};

interface FileEnd {
  readonly keyId: string;
  readonly head: BlockHead;
  /** Where the last sound block ends. */
  readonly bytes: number;
  readonly entries: number;
}

/** `undefined`: the file has no sound block, not even its first. */
async function readFileEnd(file: AccessFile, keys: AccessKeys): Promise<FileEnd | undefined> {
  const content = await readFile(file.path);
  const first = readBlockHead(content, 0);
  const note = first === undefined ? undefined : readStartNote(content, first);
  if (first === undefined || note === undefined) return undefined;
  const isOwn = note.keyId === keys.id;
  let end: FileEnd | undefined;
  let entries = note.entriesBefore;
  for (let start = 0; ; ) {
    const head = readBlockHead(content, start);
    if (head === undefined || (isOwn && !isBlockSound(keys, content, start))) return end;
    entries += head.entries;
    start += head.length;
    end = { keyId: note.keyId, head, bytes: start, entries };
  }
}

function otherKey(file: number, { head, entries }: FileEnd): ChainEnd {
  const hash = Buffer.from(head.signature);
  return { ...noLog, reason: 'other_key', block: head.number, hash, file, entries };
}

/** What is wrong stays as it is, so that `usher access verify` finds it. */
function continueAfter(
  found: FileEnd & {
    readonly reason: StartReason;
    readonly mark: HeadMark | null | undefined;
    readonly lastFile: number;
    readonly torn: ChainEnd['torn'];
    readonly tornBytes: number;
  },
): ChainEnd {
  const { head, entries, mark, reason, lastFile, torn, tornBytes } = found;
  const own = { block: head.number, hash: Buffer.from(head.signature), file: lastFile, entries };
  if (mark === null) return { ...noLog, ...own, reason: 'broken' };
  if (mark !== undefined && mark.block > head.number) {
    return { ...brokenAt(mark, lastFile), entries };
  }
  return { ...own, reason, torn, tornBytes };
}

function brokenAt(mark: HeadMark | undefined, lastFile: number): ChainEnd {
  const file = Math.max(lastFile, mark?.file ?? 0);
  if (mark === undefined) return { ...noLog, reason: 'broken', file };
  return { ...noLog, reason: 'broken', block: mark.block, hash: mark.hash, file };
}
