/** Finds entries of the access log, the newest first. Reads a bounded number of files a call. */
import { setImmediate } from 'node:timers/promises';
import { type BlockHead, blockParts, readBlockHead } from './access-block.ts';
import type { AccessOutcome, AccessWay } from './access-entry.ts';
import { type AccessFile, accessFolder, listAccessFiles } from './access-folder.ts';
import { digestBytes } from './access-keys.ts';
import { organizationOf, readRow, readWords, type StoredRow } from './entry-rows.ts';
import { entriesPerTurn, filesPerCall } from './limits.ts';
import { readAccessFile, readFileStart, walkBlocks } from './read-access.ts';
import type { DigestSet } from './redact-access.ts';

export interface AccessEntry {
  readonly atMs: number;
  /** `token:ID` or `user:ID`. */
  readonly who: string;
  /** What the caller claimed in `Usher-Actor`. */
  readonly actor: string | null;
  readonly address: string;
  readonly way: AccessWay | 'unknown';
  readonly outcome: AccessOutcome | 'unknown';
  readonly fieldIds: readonly number[];
  readonly remark: string | null;
  /** A keyed digest in hexadecimal, equal for equal subjects; `null` after an erasure. */
  readonly subject: string | null;
  /** Whether the subject is a contact that was found, not an identity that was asked for. */
  readonly isContact: boolean;
}

/** Which entries to find. What is `null` allows all. */
export interface AccessFilter {
  readonly organizationId: number;
  readonly subjects: DigestSet | null;
  readonly who: string | null;
  readonly way: AccessWay | null;
  readonly outcome: AccessOutcome | null;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

/** The place of an entry: those before it are older. */
export interface AccessPlace {
  readonly file: number;
  readonly block: number;
  readonly entry: number;
}

export interface AccessPage {
  readonly entries: readonly AccessEntry[];
  /** Where the next page goes on, even if this one is empty; `null`: nothing older is left. */
  readonly next: AccessPlace | null;
}

export async function listAccess(
  dataFolder: string,
  filter: AccessFilter,
  page: { readonly limit: number; readonly before: AccessPlace | null },
): Promise<AccessPage> {
  const { before, limit } = page;
  const all = await listAccessFiles(accessFolder(dataFolder));
  const files = all.filter(({ number }) => number <= (before?.file ?? Infinity)).reverse();
  const found: FoundEntry[] = [];
  let read = 0;
  for (const file of files) {
    if (filter.sinceMs !== null && (await endedBefore(all, file, filter.sinceMs))) break;
    if (read === filesPerCall) {
      const next = { file: file.number, block: noEnd, entry: 0 };
      return { entries: found.map(({ entry }) => entry), next };
    }
    read += 1;
    found.push(...(await findInFile(file, filter, { before, limit: limit + 1 - found.length })));
    if (found.length <= limit) continue;
    const shown = found.slice(0, limit);
    return { entries: shown.map(({ entry }) => entry), next: shown.at(-1)?.place ?? null };
  }
  return { entries: found.map(({ entry }) => entry), next: null };
}

/** No file has so many blocks. */
const noEnd = 0xffff_ffff;

/** Whether all entries of a file are older: the next file's start is its end. */
async function endedBefore(
  files: readonly AccessFile[],
  file: AccessFile,
  sinceMs: number,
): Promise<boolean> {
  const next = files[files.indexOf(file) + 1];
  if (next === undefined) return false;
  const head = readBlockHead(await readFileStart(next.path), 0);
  return head !== undefined && head.writtenMs < sinceMs;
}

interface FoundEntry {
  readonly place: AccessPlace;
  readonly entry: AccessEntry;
}

/** The newest entries of a file that the filter allows, the newest first. */
async function findInFile(
  file: AccessFile,
  filter: AccessFilter,
  { before, limit }: { readonly before: AccessPlace | null; readonly limit: number },
): Promise<FoundEntry[]> {
  const content = await readAccessFile(file.path);
  if (content === undefined) return [];
  const words = [''];
  let found: FoundEntry[] = [];
  let sinceTurn = 0;
  for (const { start, head } of walkBlocks(content)) {
    if (head.kind !== 'entries') continue;
    const parts = blockParts(content, start, head);
    readWords(parts.words, words);
    const older = olderEntries(file, head, before);
    // Nothing is made for an entry that does not match: nearly all are about somebody else.
    for (let entry = 0; entry < older; entry += 1) {
      sinceTurn += 1;
      if (sinceTurn % entriesPerTurn === 0) await setImmediate();
      if (!mayMatch(filter, parts, entry)) continue;
      const row = readRow(parts.rows, entry, head.baseMs);
      if (!matches(filter, row, words)) continue;
      const place = { file: file.number, block: head.number, entry };
      found.push({ place, entry: viewEntry(row, words, digestAt(parts.digests, entry)) });
    }
    if (found.length > 4 * limit) found = found.slice(-limit);
  }
  return found.slice(-limit).reverse();
}

/** How many entries of a block are before a place: its first ones. */
function olderEntries(
  file: AccessFile,
  { number, entries }: BlockHead,
  before: AccessPlace | null,
): number {
  if (before === null || file.number < before.file) return entries;
  if (number === before.block) return before.entry;
  return number < before.block ? entries : 0;
}

/** The cheap checks first: most entries are about somebody else. */
function mayMatch(
  { organizationId, subjects }: AccessFilter,
  { rows, digests }: { readonly rows: Buffer; readonly digests: Buffer },
  entry: number,
): boolean {
  if (organizationOf(rows, entry) !== organizationId) return false;
  return subjects === null || subjects.has(digests, entry);
}

function matches(filter: AccessFilter, row: StoredRow, words: readonly string[]): boolean {
  const { who, way, outcome, sinceMs, untilMs } = filter;
  return (
    (who === null || words[row.words[0] ?? 0] === who) &&
    (way === null || row.way === way) &&
    (outcome === null || row.outcome === outcome) &&
    (sinceMs === null || row.atMs >= sinceMs) &&
    (untilMs === null || row.atMs < untilMs)
  );
}

function digestAt(digests: Buffer, entry: number): Buffer {
  return digests.subarray(entry * digestBytes, (entry + 1) * digestBytes);
}

function viewEntry(row: StoredRow, words: readonly string[], digest: Buffer): AccessEntry {
  const [who, actor, address, fields, remark] = row.words.map((number) => words[number] ?? '');
  return {
    ...{ atMs: row.atMs, way: row.way, outcome: row.outcome, isContact: row.typeId === 0 },
    who: who ?? '',
    actor: actor || null,
    address: address ?? '',
    fieldIds: (fields ?? '').split(',').filter(Boolean).map(Number),
    remark: remark || null,
    subject: digest.every((byte) => byte === 0) ? null : digest.toString('hex'),
  };
}
