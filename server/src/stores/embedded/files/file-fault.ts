/**
 * Checks the file of a store with plain reads. LMDB maps the file, and reading a page beyond its
 * end kills the process.
 *
 * A file with every page that LMDB counts is whole. It may rightly be shorter: the last pages may
 * be free, and were never written. So a shorter file is cut only if something refers to a page
 * beyond its end. To know that, every tree of the file is walked.
 *
 * Little endian. A page begins with u64 number, u64 transaction, u16 pad, u16 flags, u16 lower, u16
 * upper. The first two pages then have meta data: u32 magic, u32 version, u64 address, u64 size of
 * the map, the trees of free pages and of databases, u64 last page, u64 transaction. Other pages
 * have u16 offsets of nodes, from the end of the header. A tree: u32 (of the first one the size of
 * a page), u16 flags, u16 depth, four u64, u64 root. A node: u32 size of the data (in a branch u48
 * page), u16 flags, u16 length of the key, the key, the data. Data on pages of its own is described
 * by u64 page, u64 transaction, u64 pages.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** `foreign`: not a file of this release's LMDB. `cut`: pages that are in use are missing. */
export type FileFault = 'foreign' | 'cut' | 'damaged';

const lmdbMagic = 0xbeefc0de;
const lmdbDataVersion = 2;
const pageFlags = { branch: 1, leaf: 2, meta: 8 } as const;
const nodeFlags = { isOnPages: 1, isTree: 2 } as const;
const head = { flags: 18, lower: 20, length: 24 } as const;
const meta = {
  ...{ magic: 24, version: 28, pageSize: 48, freeTree: 48, mainTree: 96 },
  ...{ lastPage: 144, transaction: 152, end: 160 },
} as const;
const rootInTree = 40;
const nodeHeadLength = 8;
/** The root of an empty tree. */
const noPage = 0xffff_ffff_ffff_ffffn;

/** How often to look again if the file is changed meanwhile. */
const attempts = 3;

/** Call it while no other process writes. `undefined`: LMDB can read every page in use. */
export function findFileFault(path: string): FileFault | undefined {
  const file = openSync(path, 'r');
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const state = readState(file);
      if (typeof state === 'string') return state;
      const fault = state.isWhole ? undefined : walkTrees(file, state);
      if (fault === undefined) return undefined;
      const now = readState(file);
      if (typeof now === 'string' || now.transaction === state.transaction) return fault;
    }
    // A process writes it, so it can be read.
    return undefined;
  } finally {
    closeSync(file);
  }
}

interface FileState {
  readonly pageSize: number;
  /** Pages that the file has. */
  readonly pages: number;
  /** Whether it has every page that LMDB counts. */
  readonly isWhole: boolean;
  readonly transaction: bigint;
  readonly roots: readonly bigint[];
}

/** What the newer one of the first two pages says. */
function readState(file: number): FileState | FileFault {
  const first = Buffer.alloc(meta.end);
  if (readSync(file, first, 0, meta.end, 0) < meta.end || !isMeta(first)) return 'foreign';
  const pageSize = first.readUInt32LE(meta.pageSize);
  const second = Buffer.alloc(meta.end);
  if (readSync(file, second, 0, meta.end, pageSize) < meta.end) return 'cut';
  if (!isMeta(second)) return 'damaged';
  const transactionOf = (it: Buffer) => it.readBigUInt64LE(meta.transaction);
  const newer = transactionOf(first) >= transactionOf(second) ? first : second;
  // Read after the meta data, which a commit writes last.
  const pages = Math.floor(fstatSync(file).size / pageSize);
  return {
    pageSize,
    pages,
    isWhole: BigInt(pages) > newer.readBigUInt64LE(meta.lastPage),
    transaction: transactionOf(newer),
    roots: [meta.freeTree, meta.mainTree].map((at) => newer.readBigUInt64LE(at + rootInTree)),
  };
}

function isMeta(page: Buffer): boolean {
  const pageSize = page.readUInt32LE(meta.pageSize);
  return (
    page.readUInt32LE(meta.magic) === lmdbMagic &&
    page.readUInt16LE(meta.version) === lmdbDataVersion &&
    (page.readUInt16LE(head.flags) & pageFlags.meta) !== 0 &&
    pageSize >= 512 &&
    pageSize <= 65_536 &&
    (pageSize & (pageSize - 1)) === 0
  );
}

class Fault extends Error {
  readonly fault: FileFault;

  constructor(fault: FileFault) {
    super(fault);
    this.fault = fault;
  }
}

function walkTrees(file: number, { pageSize, pages, roots }: FileState): FileFault | undefined {
  const end = BigInt(pages);
  let left = pages;
  const pending = [...roots];
  const page = Buffer.alloc(pageSize);
  try {
    for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
      if (number === noPage) continue;
      if (number >= end) return 'cut';
      left -= 1;
      readSync(file, page, 0, pageSize, Number(number) * pageSize);
      if (left < 0 || page.readBigUInt64LE(0) !== number) return 'damaged';
      for (const child of childrenOf(page, end)) pending.push(child);
    }
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    // A node that reaches beyond its page.
    if (error instanceof RangeError) return 'damaged';
    throw error;
  }
}

/** The pages and trees that a page refers to. */
function childrenOf(page: Buffer, end: bigint): bigint[] {
  const flags = page.readUInt16LE(head.flags);
  if ((flags & (pageFlags.branch | pageFlags.leaf)) === 0) throw new Fault('damaged');
  const isBranch = (flags & pageFlags.branch) !== 0;
  const children: bigint[] = [];
  const count = page.readUInt16LE(head.lower) >> 1;
  for (let index = 0; index < count; index += 1) {
    const node = head.length + page.readUInt16LE(head.length + 2 * index);
    if (isBranch) {
      children.push(BigInt(page.readUIntLE(node, 6)));
      continue;
    }
    const kind = page.readUInt16LE(node + 4);
    const data = node + nodeHeadLength + page.readUInt16LE(node + 6);
    if ((kind & nodeFlags.isTree) !== 0) {
      children.push(page.readBigUInt64LE(data + rootInTree));
    } else if ((kind & nodeFlags.isOnPages) !== 0) {
      const after = page.readBigUInt64LE(data) + page.readBigUInt64LE(data + 16);
      if (after > end) throw new Fault('cut');
    }
  }
  return children;
}
