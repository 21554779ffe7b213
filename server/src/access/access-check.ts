/** How far the access log reaches back, and whether its newest part is whole: kept for a minute. */
import type { AccessEnds } from '../domain/access-end.ts';
import { readBlockHead } from './access-block.ts';
import { accessFolder, listAccessFiles } from './access-folder.ts';
import { checkedForMs } from './limits.ts';
import { readFileStart } from './read-access.ts';
import { readStartNote } from './start-note.ts';
import { verifyAccessEnd } from './verify-access.ts';

export interface AccessState {
  /** When the oldest file was begun, in milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly bytes: number;
  /** Looks in the log. */
  readonly entries: number;
  readonly atMs: number;
  readonly isWhole: boolean;
  readonly firstBlock: number;
  readonly lastBlock: number;
}

export class AccessCheck {
  readonly #dataFolder: string;
  readonly #clock: () => number;
  readonly #ends: AccessEnds | undefined;
  #last: { readonly atMs: number; readonly state: Promise<AccessState | undefined> } | undefined;

  /** @param clock milliseconds since the epoch */
  constructor(dataFolder: string, clock: () => number, ends?: AccessEnds) {
    this.#ends = ends;
    this.#dataFolder = dataFolder;
    this.#clock = clock;
  }

  /** `undefined`: there is no log yet. */
  state(): Promise<AccessState | undefined> {
    const nowMs = this.#clock();
    const last = this.#last;
    if (last !== undefined && nowMs - last.atMs < checkedForMs) return last.state;
    const state = readState(this.#dataFolder, nowMs, this.#ends);
    this.#last = { atMs: nowMs, state };
    state.catch(() => {
      this.#last = undefined;
    });
    return state;
  }
}

async function readState(
  dataFolder: string,
  atMs: number,
  ends: AccessEnds | undefined,
): Promise<AccessState | undefined> {
  const noted = await ends?.findAccessEnd();
  const files = await listAccessFiles(accessFolder(dataFolder));
  const [oldest] = files;
  if (oldest === undefined) return undefined;
  const start = await readFileStart(oldest.path);
  const head = readBlockHead(start, 0);
  const note = head === undefined ? undefined : readStartNote(start, head);
  const end = await verifyAccessEnd(dataFolder, noted);
  return {
    ...{ atMs, sinceMs: head?.writtenMs ?? atMs },
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    entries: Math.max(0, end.entriesBefore + end.entries - (note?.entriesBefore ?? 0)),
    isWhole: end.fault === null,
    firstBlock: end.firstBlock,
    lastBlock: end.head?.block ?? 0,
  };
}
