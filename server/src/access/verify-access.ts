/**
 * Proves the access log: each block is signed and names the one before, from the last checkpoint to
 * the mark of the end. What a crash kept from the disk comes after the mark; anything missing or
 * changed before it was done by somebody.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccessEnd } from '../domain/access-end.ts';
import { type BlockHead, blockParts, isBlockSound, readBlockHead, sha256 } from './access-block.ts';
import { type AccessFile, accessFolder, listAccessFiles, readCheckpoint } from './access-folder.ts';
import { type AccessKeys, digestBytes, hashBytes, readAccessKeys } from './access-keys.ts';
import { countAccessErasures } from './erasure-spool.ts';
import { type HeadMark, readHeadMark } from './head-mark.ts';
import { filesPerCheck, provenBytesPerTurn } from './limits.ts';
import { readAccessFile, readFileStart, walkBlocks } from './read-access.ts';
import type { RedactedBlock, RedactionNote } from './redact-access.ts';
import { readStartNote } from './start-note.ts';

/**
 * `block_changed`: bytes of a block differ. `blocks_missing`: blocks or whole files are gone.
 * `digests_changed`: digests differ, and no erasure removed them. `end_missing`: the log ends
 * before its mark. `mark_damaged`, `checkpoint_damaged`: the file is missing or changed.
 * `not_noted`: the catalog noted a later end, or another block: the log was removed or replaced.
 * `found_broken`: a server found the end of the log changed when it started. `other_key`: the file
 * was signed with another key of the data folder.
 */
export type AccessFaultCode =
  | 'block_changed'
  | 'blocks_missing'
  | 'digests_changed'
  | 'end_missing'
  | 'not_noted'
  | 'mark_damaged'
  | 'checkpoint_damaged'
  | 'found_broken'
  | 'other_key';

export interface AccessFault {
  readonly code: AccessFaultCode;
  /** The name of the file. */
  readonly file: string | null;
  /** The number of the first bad block, and where in the file it begins. */
  readonly block: number;
  readonly offset: number | null;
}

export interface AccessVerdict {
  readonly files: number;
  readonly blocks: number;
  readonly entries: number;
  /** Looks that the log says it lost. */
  readonly lost: number;
  /** Entries without a digest, because the person was erased. */
  readonly redacted: number;
  /** When a server started after a crash: up to a second before may be missing. */
  readonly crashesMs: readonly number[];
  /**
   * `closed`: the server stopped. `open`: it runs, or crashed. `torn`: so, and a part of a block is
   * left at the end.
   */
  readonly end: 'none' | 'closed' | 'open' | 'torn';
  /** The last block and its hash in hexadecimal: note them elsewhere to prove later what was. */
  readonly head: { readonly block: number; readonly hash: string } | null;
  /** The first broken place; `null` if the log is whole. */
  readonly fault: AccessFault | null;
}

/**
 * Reads the whole log: 1 GB takes about 3 s.
 * @param noted the end that the catalog noted last, read before the call
 */
export async function verifyAccess(dataFolder: string, noted?: AccessEnd): Promise<AccessVerdict> {
  const folder = accessFolder(dataFolder);
  // Reading the key would make one.
  if (!existsSync(folder)) return noted === undefined ? nothingNoted : allMissing;
  const keys = await readAccessKeys(dataFolder);
  // The mark first: a running server moves it on.
  const mark = await readHeadMark(folder, keys);
  const checkpoint = await readCheckpoint(folder, keys);
  const files = await listAccessFiles(folder);
  const walk = new ChainWalk(keys, mark ?? undefined, noted);
  if (files.length === 0 && (mark === null || mark === undefined) && checkpoint === undefined) {
    return walk.verdict();
  }
  if (checkpoint === null || mark === null) {
    if (await isOfOtherKey(files.at(-1), keys)) return walk.verdict('other_key');
    return walk.verdict(checkpoint === null ? 'checkpoint_damaged' : 'mark_damaged');
  }
  if (checkpoint !== undefined) {
    walk.begin(checkpoint.lastBlock, Buffer.from(checkpoint.lastHash, 'hex'));
  }
  const kept = files.filter(({ number }) => number >= (checkpoint?.firstFile ?? 0));
  for (const file of kept) {
    const content = await readAccessFile(file.path);
    if (content === undefined) continue;
    if (walk.isBroken) walk.findRedactions(content);
    else await walk.take(file, content, file === kept.at(-1));
  }
  await walk.checkSuspects((await countAccessErasures(dataFolder)) > 0);
  return walk.verdict();
}

export interface EndVerdict extends AccessVerdict {
  /** The first block that was read. */
  readonly firstBlock: number;
  /** Looks in the files before those that were read. */
  readonly entriesBefore: number;
}

/**
 * Proves the newest files, the mark and the checkpoint, in a bounded time. What is older is left to
 * `verifyAccess`.
 */
export async function verifyAccessEnd(dataFolder: string, noted?: AccessEnd): Promise<EndVerdict> {
  const folder = accessFolder(dataFolder);
  const keys = await readAccessKeys(dataFolder);
  // The mark first: a running server moves it on.
  const mark = await readHeadMark(folder, keys);
  const checkpoint = await readCheckpoint(folder, keys);
  const walk = new ChainWalk(keys, mark ?? undefined, noted);
  const files = (await listAccessFiles(folder)).slice(-filesPerCheck);
  let from = { firstBlock: 0, entriesBefore: 0 };
  for (const [place, file] of files.entries()) {
    const content = await readAccessFile(file.path);
    const head = content === undefined ? undefined : readBlockHead(content, 0);
    if (content === undefined) continue;
    if (place === 0 && head !== undefined) {
      const { entriesBefore = 0 } = readStartNote(content, head) ?? {};
      from = { firstBlock: head.number, entriesBefore };
      walk.begin(head.number - 1, Buffer.from(head.previous));
    }
    if (!walk.isBroken) await walk.take(file, content, file === files.at(-1));
  }
  await walk.checkSuspects((await countAccessErasures(dataFolder)) > 0);
  const damaged = checkpoint === null ? 'checkpoint_damaged' : 'mark_damaged';
  const isDamaged = checkpoint === null || mark === null;
  return { ...walk.verdict(isDamaged ? damaged : undefined), ...from };
}

const nothingNoted: AccessVerdict = {
  ...{ files: 0, blocks: 0, entries: 0, lost: 0, redacted: 0, crashesMs: [] },
  ...{ end: 'none', head: null, fault: null },
};

const allMissing: AccessVerdict = {
  ...nothingNoted,
  fault: { code: 'not_noted', file: null, block: 1, offset: null },
};

/** Whether another key signed the newest file, and so the mark and the checkpoint. */
async function isOfOtherKey(file: AccessFile | undefined, keys: AccessKeys): Promise<boolean> {
  if (file === undefined) return false;
  const start = await readFileStart(file.path);
  const head = readBlockHead(start, 0);
  const note = head === undefined ? undefined : readStartNote(start, head);
  return note !== undefined && note.keyId !== keys.id;
}

interface Suspect extends AccessFault {
  readonly path: string;
  readonly number: number;
}

class ChainWalk {
  readonly #keys: AccessKeys;
  readonly #mark: HeadMark | undefined;
  readonly #noted: AccessEnd | undefined;
  readonly #redactions = new Map<number, RedactedBlock[]>();
  readonly #suspects: Suspect[] = [];
  readonly #crashesMs: number[] = [];
  /** Blocks before it left. */
  #firstBlock = 1;
  #number = 0;
  #hash: Buffer = Buffer.alloc(hashBytes);
  #files = 0;
  #blocks = 0;
  #entries = 0;
  #lost = 0;
  #lastKind: BlockHead['kind'] | undefined;
  #isTorn = false;
  #fault: AccessFault | undefined;

  constructor(keys: AccessKeys, mark: HeadMark | undefined, noted: AccessEnd | undefined) {
    this.#keys = keys;
    this.#mark = mark;
    this.#noted = noted;
  }

  get isBroken(): boolean {
    return this.#fault !== undefined;
  }

  begin(block: number, hash: Buffer): void {
    this.#firstBlock = block + 1;
    this.#number = block;
    this.#hash = hash;
  }

  /** Other work has its turn meanwhile. */
  async take(file: AccessFile, content: Buffer, isLast: boolean): Promise<void> {
    this.#files += 1;
    let turnEnd = provenBytesPerTurn;
    for (let start = 0; start < content.length || start === 0; ) {
      const place = { file: basename(file.path), block: this.#number + 1, offset: start };
      const head = readBlockHead(content, start);
      const isWhole = head !== undefined && isBlockSound(this.#keys, content, start);
      if (!isWhole || head === undefined) {
        if (isLast && this.#isAfterMark()) this.#isTorn = true;
        else this.#fault = { ...place, code: damageOf(this.#keys, content, head) };
        return;
      }
      const code = this.#judge(content, start, head);
      if (code !== undefined) {
        this.#fault = { ...place, code };
        return;
      }
      this.#add(file, content, { start, head });
      start += head.length;
      if (start > turnEnd) {
        await nextTurn();
        turnEnd = start + provenBytesPerTurn;
      }
    }
  }

  /** After a broken place: digests before it may have been removed later. */
  findRedactions(content: Buffer): void {
    for (const { start, head } of walkBlocks(content)) {
      if (head.kind !== 'redaction' || !isBlockSound(this.#keys, content, start)) continue;
      this.#keepRedactions(blockParts(content, start, head).rows);
    }
  }

  /** Whether everything up to the mark was read. */
  #isAfterMark(): boolean {
    return this.#mark === undefined || this.#number >= this.#mark.block;
  }

  #judge(content: Buffer, start: number, head: BlockHead): AccessFaultCode | undefined {
    if (head.number !== this.#number + 1) return 'blocks_missing';
    if (!head.previous.equals(this.#hash)) return 'blocks_missing';
    const isMarked = head.number === this.#mark?.block;
    if (isMarked && !head.signature.equals(this.#mark.hash)) return 'block_changed';
    const { block, hash } = this.#noted ?? {};
    if (head.number === block && head.signature.toString('hex') !== hash) return 'not_noted';
    if ((start === 0) !== (head.kind === 'start')) return 'blocks_missing';
    if (head.kind !== 'start') return undefined;
    const note = readStartNote(content, head);
    if (note === undefined) return 'block_changed';
    if (note.reason === 'other_key') return 'other_key';
    if (note.reason === 'broken') return 'found_broken';
    if (note.reason === 'crashed') this.#crashesMs.push(head.writtenMs);
    return undefined;
  }

  #add(file: AccessFile, content: Buffer, block: { start: number; head: BlockHead }): void {
    const { start, head } = block;
    this.#number = head.number;
    this.#hash = Buffer.from(head.signature);
    this.#lastKind = head.kind;
    this.#blocks += 1;
    this.#entries += head.entries;
    this.#lost += head.lost;
    const { digests, rows } = blockParts(content, start, head);
    if (head.kind === 'redaction') this.#keepRedactions(rows);
    if (sha256(digests).equals(head.digestsHash)) return;
    const { path } = file;
    const place = { file: basename(path), block: head.number, offset: start };
    this.#suspects.push({ ...place, path, number: head.number, code: 'digests_changed' });
  }

  #keepRedactions(rows: Buffer): void {
    const { blocks } = JSON.parse(rows.toString()) as RedactionNote;
    for (const block of blocks) {
      const known = this.#redactions.get(block.block) ?? [];
      this.#redactions.set(block.block, [...known, block]);
    }
  }

  /** Blocks with other digests than when they were written: an erasure must account for each. */
  async checkSuspects(isUnderWay: boolean): Promise<void> {
    for (const { path, number, ...place } of this.#suspects) {
      const content = await readAccessFile(path);
      const head = content === undefined ? undefined : readBlockHead(content, place.offset ?? 0);
      if (content === undefined || head === undefined) continue;
      const { digests } = blockParts(content, place.offset ?? 0, head);
      if (isRedacted(digests, this.#redactions.get(number) ?? [], isUnderWay)) continue;
      this.#fault = place;
      return;
    }
    if (!isUnderWay && this.#fault === undefined) this.#fault = this.#findUndone();
  }

  /** A block whose digests are all there again, although an erasure removed some. */
  #findUndone(): AccessFault | undefined {
    const changed = new Set(this.#suspects.map(({ number }) => number));
    const undone = [...this.#redactions.keys()].filter(
      (block) => block >= this.#firstBlock && !changed.has(block),
    );
    if (undone.length === 0) return undefined;
    return { code: 'digests_changed', file: null, block: Math.min(...undone), offset: null };
  }

  verdict(code?: AccessFaultCode): AccessVerdict {
    const end = this.#end();
    const place = { file: null, block: this.#number + 1, offset: null };
    const early = code ?? this.#missingEnd();
    const missing = early === undefined ? null : { ...place, code: early };
    return {
      ...{ files: this.#files, blocks: this.#blocks, entries: this.#entries },
      ...{ lost: this.#lost, redacted: this.#redacted(), crashesMs: this.#crashesMs, end },
      head: this.#blocks === 0 ? null : { block: this.#number, hash: this.#hash.toString('hex') },
      fault: this.#fault ?? missing,
    };
  }

  #missingEnd(): AccessFaultCode | undefined {
    if (!this.#isAfterMark()) return 'end_missing';
    return this.#number < (this.#noted?.block ?? 0) ? 'not_noted' : undefined;
  }

  /** An erasure that was killed names a place again when it is repeated. */
  #redacted(): number {
    const places = [...this.#redactions.values()].map(
      (blocks) => new Set(blocks.flatMap((block) => block.places)).size,
    );
    return places.reduce((sum, count) => sum + count, 0);
  }

  #end(): AccessVerdict['end'] {
    if (this.#isTorn) return 'torn';
    if (this.#lastKind === undefined) return 'none';
    return this.#lastKind === 'end' ? 'closed' : 'open';
  }
}

function damageOf(keys: AccessKeys, content: Buffer, head: BlockHead | undefined) {
  const note = head === undefined ? undefined : readStartNote(content, head);
  return note !== undefined && note.keyId !== keys.id ? 'other_key' : 'block_changed';
}

/**
 * @param isUnderWay whether places may still hold their digest: a kill can come between the note
 *   and the removal
 */
function isRedacted(
  digests: Buffer,
  redactions: readonly RedactedBlock[],
  isUnderWay: boolean,
): boolean {
  const last = redactions.at(-1);
  if (last === undefined) return false;
  if (!isUnderWay) return sha256(digests).toString('hex') === last.hash;
  const removed = Buffer.from(digests);
  for (const place of redactions.flatMap(({ places }) => places)) {
    removed.fill(0, place * digestBytes, (place + 1) * digestBytes);
  }
  return sha256(removed).toString('hex') === last.hash;
}
