/** What the first block of a file says: why the file was started, and what came before it. */
import { type BlockHead, blockParts } from './access-block.ts';

/**
 * Why a file was started. `first`: there was no log. `next`: the file before was full. `started`:
 * the server had stopped. `crashed`: it had not. `broken`: the end of the log was not as it was
 * left. `other_key`: the key of the data folder was replaced.
 */
export type StartReason = 'first' | 'next' | 'started' | 'crashed' | 'broken' | 'other_key';

/** The body of a start block. */
export interface StartNote {
  readonly file: number;
  readonly reason: StartReason;
  /** The key that signs the file's blocks (`AccessKeys.id`). */
  readonly keyId: string;
  /** Bytes of an unfinished block that the start removed. */
  readonly torn: number;
  /** Looks in all files before this one. */
  readonly entriesBefore: number;
}

/** What a start block says; `undefined` if it is none. */
export function readStartNote(file: Buffer, head: BlockHead): StartNote | undefined {
  if (head.kind !== 'start') return undefined;
  try {
    return JSON.parse(blockParts(file, 0, head).rows.toString()) as StartNote;
  } catch {
    return undefined;
  }
}
