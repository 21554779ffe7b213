/**
 * What a cursor of a list of contacts stands for. It has the time as of which the first page was
 * read, and the revision of the definitions, so that all pages of a list are as of one moment and
 * use the same definitions.
 */
import { listCursorMs } from '../limits.ts';
import { foreignCursor, refusedCursor } from './list-cursors.ts';

export interface ListPlace {
  /** The contact before the page, as 32 hexadecimal digits. */
  readonly after: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly definitionsRevision: number;
}

export function placeText({ after, nowMs, definitionsRevision }: ListPlace): string {
  return `${after}.${nowMs}.${definitionsRevision}`;
}

/**
 * @param text from a cursor of the same list
 * @param nowMs the time now
 * @throws UsherError `parameter_invalid` for a list that was begun too long ago
 */
export function placeOf(text: string, nowMs: number): ListPlace {
  const [after = '', time, revision] = text.split('.');
  const startedMs = Number(time);
  // The clock was set back.
  if (startedMs > nowMs) throw foreignCursor();
  if (nowMs - startedMs <= listCursorMs) {
    return { after, nowMs: startedMs, definitionsRevision: Number(revision) };
  }
  const hours = listCursorMs / 3_600_000;
  throw refusedCursor(
    `This list was begun more than ${hours} hours ago. Start again without a cursor.`,
  );
}
