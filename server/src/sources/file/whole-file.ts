/**
 * Reads all bytes of a file at once for everything that only they can tell: in a thread if the file
 * is large, so that the caller goes on meanwhile.
 */
import { createCipheriv } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { leastThreadedFileBytes } from '../limits.ts';

export interface FileFacts {
  /** A digest of its bytes under the key of the question; `undefined` without a key. */
  readonly digest: string | undefined;
  /** Whether a cell of this CSV may be a formula like `="01234"`. */
  readonly mayHaveFormulas: boolean;
}

/** What to read. A thread gets it as it is. */
export interface FileQuestion {
  readonly path: string;
  /** 32 secret bytes, for a digest. */
  readonly key: Uint8Array | undefined;
}

/** A file that is read once, however often it is asked for the same facts. */
export class WholeFile {
  readonly #path: string;
  readonly #bytes: number;
  #known: { readonly key: string | undefined; readonly facts: Promise<FileFacts> } | undefined;

  /** @param bytes the size of the file */
  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /**
   * With the digest only if there is a key, or if an earlier call had one.
   * @throws errors of the file system
   */
  facts(key?: Uint8Array): Promise<FileFacts> {
    const asked = key && Buffer.from(key).toString('hex');
    if (this.#known === undefined || (asked ?? this.#known.key) !== this.#known.key) {
      const facts = readFacts({ path: this.#path, key }, this.#bytes);
      // Prevents an unhandled rejection; callers that await it still get the error.
      facts.catch(() => undefined);
      this.#known = { key: asked, facts };
    }
    return this.#known.facts;
  }
}

async function readFacts(question: FileQuestion, bytes: number): Promise<FileFacts> {
  if (bytes < leastThreadedFileBytes) return factsHere(question);
  const worker = new Worker(entry, { name: 'usher-file', workerData: question });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('The thread that reads a file ended early.')));
    });
  } finally {
    await worker.terminate();
  }
}

const entry = new URL('./whole-file-thread.ts', import.meta.url);

/**
 * Reads the file in this thread. The digest is a GMAC, which takes a fifth of the time of SHA-256.
 * All files have the same nonce: somebody who knows the digests of two files can make another file
 * with the same digest. For this reason, a digest is stored only under another keyed hash
 * (`sync/compare/same-source.ts`).
 */
export function factsHere({ path, key }: FileQuestion): FileFacts {
  const mac = key && createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
  let mayHaveFormulas = false;
  let last = 0;
  for (const piece of piecesOf(path)) {
    mac?.setAAD(piece);
    mayHaveFormulas ||= piece.includes('="') || (last === 0x3d && piece[0] === 0x22);
    last = piece.at(-1) ?? 0;
  }
  mac?.final();
  return { digest: mac?.getAuthTag().toString('hex'), mayHaveFormulas };
}

/** Small enough to stay in the cache of the core. */
const pieceBytes = 262_144;

/** Each piece is valid until the next one is asked for. */
function* piecesOf(path: string): Generator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
