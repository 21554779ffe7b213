/**
 * Answers a question about all bytes of a file: in a thread if the file is large, so that the
 * caller goes on meanwhile.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { leastThreadedFileBytes } from '../limits.ts';

/**
 * `digest`: its SHA-256. `formulas`: whether a cell of this CSV may be a formula like `="01234"`.
 */
export interface FileAnswers {
  readonly digest: string;
  readonly formulas: boolean;
}

/** What to read, and why. A thread gets it as it is. */
export interface FileQuestion<Asked extends keyof FileAnswers = keyof FileAnswers> {
  readonly path: string;
  readonly asked: Asked;
}

/**
 * @param bytes the size of the file
 * @throws errors of the file system
 */
export async function askFile<Asked extends keyof FileAnswers>(
  question: FileQuestion<Asked>,
  bytes: number,
): Promise<FileAnswers[Asked]> {
  if (bytes < leastThreadedFileBytes) return answerHere(question);
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

/** Reads the file in this thread. */
export function answerHere<Asked extends keyof FileAnswers>({
  path,
  asked,
}: FileQuestion<Asked>): FileAnswers[Asked] {
  return answers[asked](path);
}

const answers: { readonly [Asked in keyof FileAnswers]: (path: string) => FileAnswers[Asked] } = {
  digest: (path) => {
    const hash = createHash('sha256');
    for (const piece of piecesOf(path)) hash.update(piece);
    return hash.digest('hex');
  },
  formulas: (path) => {
    let last = 0;
    for (const piece of piecesOf(path)) {
      if (piece.includes('="') || (last === 0x3d && piece[0] === 0x22)) return true;
      last = piece.at(-1) ?? 0;
    }
    return false;
  },
};

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
