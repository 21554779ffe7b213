/**
 * Notes when a server of a data folder ended. The next server reads the note to learn how long
 * nothing was granted, so that the rate limit also holds across a restart.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { readBootId } from '../stores/boot-id.ts';
import { writeDurably } from '../stores/durable-file.ts';

/** Times are milliseconds. */
export interface Now {
  /** Of the monotonic clock, which all processes share until the machine starts again. */
  readonly monotonicMs: number;
  /** Since the epoch. */
  readonly wallMs: number;
}

/** The id of the boot and the two times. A line that was not written whole does not match. */
const written = /^([0-9a-f-]{36}) (\d{1,15}) (\d{1,15})\n$/;

/**
 * The last moment, in milliseconds of the monotonic clock, at which an earlier server of the folder
 * may have granted anything. It is now if that server was killed, or if clocks disagree: a folder
 * may move to another machine. Call it once, with the lock of the server: what it finds is removed,
 * because it says nothing more once a server runs.
 * @param isNew whether no server has ever run on the folder
 */
export function takeServerEnd(dataFolder: string, isNew: boolean, now: Now): number {
  if (isNew) return Number.NEGATIVE_INFINITY;
  const path = join(dataFolder, dataFiles.serverEnd);
  const [, boot, monotonicMs, wallMs] = written.exec(readText(path) ?? '') ?? [];
  rmSync(path, { force: true });
  if (boot === undefined || boot !== readBootId()) return now.monotonicMs;
  const agoMs = Math.min(now.monotonicMs - Number(monotonicMs), now.wallMs - Number(wallMs));
  return now.monotonicMs - Math.max(0, agoMs);
}

/** Call it when nothing is granted any more. Without room on the disk, the next start is longer. */
export async function noteServerEnd(
  dataFolder: string,
  { monotonicMs, wallMs }: Now,
): Promise<void> {
  const line = `${readBootId()} ${Math.ceil(monotonicMs)} ${Math.ceil(wallMs)}\n`;
  const path = join(dataFolder, dataFiles.serverEnd);
  await writeDurably(path, Buffer.from(line)).catch(() => undefined);
}

/** Whether no server has ever run on the folder. Ask before the lock, which makes the file. */
export function neverServed(dataFolder: string): boolean {
  return !existsSync(join(dataFolder, dataFiles.serverLock));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
