/**
 * A block of the access log: what was noted since the one before, or what happened to the log. Its
 * head names the hash of the block before, and is signed. The digests of whom entries are about
 * have a hash of their own, so that an erasure can remove them and the rest stays proven.
 */
import { hash } from 'node:crypto';
import { ByteScratch } from '../stores/byte-scratch.ts';
import { type AccessKeys, digestBytes, hashBytes } from './access-keys.ts';
import { maxBlockBytes } from './limits.ts';

/** `start` opens a file, `end` says that the server stopped, `redaction` that digests went. */
export const blockKinds = ['start', 'entries', 'redaction', 'end'] as const;

export type BlockKind = (typeof blockKinds)[number];

/** `UAL1` in little-endian. */
const magic = 0x314c_4155;
const formatVersion = 1;

const at = {
  magic: 0,
  length: 4,
  number: 8,
  kind: 12,
  version: 13,
  writtenMs: 16,
  baseMs: 24,
  entries: 32,
  wordBytes: 36,
  lost: 40,
  previous: 48,
  body: 80,
  digests: 112,
  signature: 144,
} as const;

const blockHeadBytes = 176;

/** Bytes of an entry besides its digest (`entry-rows.ts`). */
export const rowBytes = 20;

export interface BlockHead {
  /** Of the whole block. */
  readonly length: number;
  /** Counts up through all files. */
  readonly number: number;
  readonly kind: BlockKind;
  readonly writtenMs: number;
  /** Times of entries count from here. */
  readonly baseMs: number;
  readonly entries: number;
  readonly wordBytes: number;
  /** Looks that found no room in a queue since the block before. */
  readonly lost: number;
  readonly previous: Buffer;
  readonly bodyHash: Buffer;
  readonly digestsHash: Buffer;
  /** The block's own hash, which the next block names. */
  readonly signature: Buffer;
}

export interface BlockContent {
  readonly kind: BlockKind;
  readonly number: number;
  readonly writtenMs: number;
  readonly baseMs: number;
  readonly lost: number;
  readonly previous: Buffer;
  readonly entries: number;
  readonly words: Buffer;
  /** The rows of entries, or the JSON of another block. */
  readonly rows: Buffer;
  /** The digests of entries; empty in other blocks. */
  readonly digests: Buffer;
}

/** @param scratch holds the block until its next use: a new buffer for each wakes the collector */
export function encodeBlock(
  keys: AccessKeys,
  content: BlockContent,
  scratch = new ByteScratch(),
): Buffer {
  const { words, rows, digests } = content;
  const length = blockHeadBytes + words.length + rows.length + digests.length;
  const block = scratch.reserve(length).subarray(0, length).fill(0, 0, blockHeadBytes);
  block.writeUInt32LE(magic, at.magic);
  block.writeUInt32LE(length, at.length);
  block.writeUInt32LE(content.number, at.number);
  block.writeUInt8(blockKinds.indexOf(content.kind), at.kind);
  block.writeUInt8(formatVersion, at.version);
  block.writeDoubleLE(content.writtenMs, at.writtenMs);
  block.writeDoubleLE(content.baseMs, at.baseMs);
  block.writeUInt32LE(content.entries, at.entries);
  block.writeUInt32LE(words.length, at.wordBytes);
  block.writeDoubleLE(content.lost, at.lost);
  content.previous.copy(block, at.previous);
  const rowsAt = blockHeadBytes + words.length;
  words.copy(block, blockHeadBytes);
  rows.copy(block, rowsAt);
  digests.copy(block, rowsAt + rows.length);
  const bodyEnd = rowsAt + rows.length;
  sha256(block.subarray(blockHeadBytes, bodyEnd)).copy(block, at.body);
  sha256(digests).copy(block, at.digests);
  keys.sign(block.subarray(0, at.signature)).copy(block, at.signature);
  return block;
}

/** A copy of an encoded block's signature. */
export function signatureOf(block: Buffer): Buffer {
  return Buffer.from(block.subarray(at.signature, blockHeadBytes));
}

/** The head of the block at `start`; `undefined` if there is none, or only a part of it. */
export function readBlockHead(file: Buffer, start: number): BlockHead | undefined {
  if (file.length - start < blockHeadBytes) return undefined;
  const head = file.subarray(start, start + blockHeadBytes);
  const length = head.readUInt32LE(at.length);
  const kind = blockKinds[head.readUInt8(at.kind)];
  const isBlock = head.readUInt32LE(at.magic) === magic && kind !== undefined;
  if (!isBlock || head.readUInt8(at.version) !== formatVersion) return undefined;
  if (length < blockHeadBytes || length > maxBlockBytes || start + length > file.length) {
    return undefined;
  }
  const entries = head.readUInt32LE(at.entries);
  const wordBytes = head.readUInt32LE(at.wordBytes);
  const least = blockHeadBytes + wordBytes + entries * (rowBytes + digestBytes);
  if (kind === 'entries' ? least !== length : least > length) return undefined;
  const hashAt = (place: number) => head.subarray(place, place + hashBytes);
  return {
    ...{ length, kind, entries, wordBytes },
    number: head.readUInt32LE(at.number),
    writtenMs: head.readDoubleLE(at.writtenMs),
    baseMs: head.readDoubleLE(at.baseMs),
    lost: head.readDoubleLE(at.lost),
    previous: hashAt(at.previous),
    bodyHash: hashAt(at.body),
    digestsHash: hashAt(at.digests),
    signature: hashAt(at.signature),
  };
}

/** The parts of a block, as views of the file. */
export function blockParts(file: Buffer, start: number, head: BlockHead) {
  const rowsAt = start + blockHeadBytes + head.wordBytes;
  const end = start + head.length;
  const digestsAt = end - head.entries * digestBytes;
  return {
    words: file.subarray(start + blockHeadBytes, rowsAt),
    rows: file.subarray(rowsAt, digestsAt),
    digests: file.subarray(digestsAt, end),
    /** Where the digests begin in the file. */
    digestsAt,
  };
}

/** Whether a block's head has its signature, and its body its hash. Says nothing of digests. */
export function isBlockSound(keys: AccessKeys, file: Buffer, start: number): boolean {
  const head = readBlockHead(file, start);
  if (head === undefined) return false;
  const signed = file.subarray(start, start + at.signature);
  if (!keys.isSigned(signed, head.signature)) return false;
  const { digestsAt } = blockParts(file, start, head);
  return sha256(file.subarray(start + blockHeadBytes, digestsAt)).equals(head.bodyHash);
}

export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}
