/**
 * Removes digests from the access log: an erasure makes entries about the person unlinkable. A
 * block of its own first says which digests go, and what the hash of the others is then; the
 * entries stay, and so does the proof of everything else. Safe to repeat after a kill.
 */
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { blockParts, sha256 } from './access-block.ts';
import type { AccessFile } from './access-folder.ts';
import { digestBytes } from './access-keys.ts';
import type { ChainWriter } from './chain-writer.ts';
import { noteBlock } from './chain-writer.ts';
import { entriesPerTurn } from './limits.ts';
import { readAccessFile, walkBlocks } from './read-access.ts';

/** What a redaction block says of another block. */
export interface RedactedBlock {
  readonly block: number;
  /** Places of the entries without a digest from now on. */
  readonly places: readonly number[];
  /** The hash of all digests afterwards, in hexadecimal. */
  readonly hash: string;
}

/** The body of a redaction block. */
export interface RedactionNote {
  /** The privacy request. */
  readonly request: string;
  readonly blocks: readonly RedactedBlock[];
}

/** Digests to look for, by their first four bytes. */
export class DigestSet {
  readonly #byStart = new Map<number, Buffer[]>();

  constructor(digests: Iterable<Buffer>) {
    for (const digest of digests) {
      const start = digest.readInt32LE(0);
      const known = this.#byStart.get(start);
      if (known === undefined) this.#byStart.set(start, [digest]);
      else known.push(digest);
    }
  }

  has(digests: Buffer, place: number): boolean {
    const at = place * digestBytes;
    const candidates = this.#byStart.get(digests.readInt32LE(at));
    if (candidates === undefined) return false;
    return candidates.some((it) => digests.compare(it, 0, digestBytes, at, at + digestBytes) === 0);
  }

  /** The places that hold one of these, in the order of the block. */
  async placesIn(digests: Buffer): Promise<number[]> {
    const found: number[] = [];
    const count = digests.length / digestBytes;
    for (let place = 0; place < count; place += 1) {
      if (place % entriesPerTurn === entriesPerTurn - 1) await setImmediate();
      if (this.has(digests, place)) found.push(place);
    }
    return found;
  }
}

/** Removes digests from one file. @returns how many */
export async function redactFile(
  file: AccessFile,
  chain: ChainWriter,
  { request, wanted }: { readonly request: string; readonly wanted: DigestSet },
): Promise<number> {
  const content = await readAccessFile(file.path);
  if (content === undefined) return 0;
  const blocks: RedactedBlock[] = [];
  const offsets: number[] = [];
  for (const { start, head } of walkBlocks(content)) {
    if (head.kind !== 'entries') continue;
    const { digests, digestsAt } = blockParts(content, start, head);
    const places = await wanted.placesIn(digests);
    if (places.length === 0) continue;
    for (const place of places) {
      digests.fill(0, place * digestBytes, (place + 1) * digestBytes);
      offsets.push(digestsAt + place * digestBytes);
    }
    blocks.push({ block: head.number, places, hash: sha256(digests).toString('hex') });
  }
  if (blocks.length === 0) return 0;
  await chain.append(noteBlock('redaction', { request, blocks } satisfies RedactionNote));
  await eraseAt(file.path, offsets);
  return offsets.length;
}

async function eraseAt(path: string, offsets: readonly number[]): Promise<void> {
  await using file = await open(path, 'r+');
  const zeros = Buffer.alloc(digestBytes);
  for (const offset of offsets) await file.write(zeros, 0, digestBytes, offset);
  await file.datasync();
}
