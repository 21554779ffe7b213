/**
 * Cursors of lists of contacts. They hold the time as of which the first page was read, so that all
 * pages of a list are as of one moment. They give no right: each page checks the caller again.
 */
import { hash } from 'node:crypto';
import { UsherError } from '../../domain/errors.ts';
import { cursorAfter, keyOfCursor } from '../admin-route.ts';
import { listCursorMs } from '../limits.ts';

/** The list that a cursor belongs to. */
export interface CursorList {
  readonly organizationId: number;
  /** What was asked for: a cursor continues the same list only. */
  readonly asked: readonly (string | undefined)[];
}

export interface ListPlace {
  /** The contact before the page, as 32 hexadecimal digits. */
  readonly after: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

const pattern = /^([0-9a-f]{32})\.([0-9]{1,15})\.([0-9a-f]{16})$/;

export function listCursor(list: CursorList, { after, nowMs }: ListPlace): string {
  return cursorAfter(`${after}.${nowMs}.${digestOf(list)}`);
}

/**
 * @param nowMs the time now
 * @throws UsherError `parameter_invalid` for a cursor of another list, and for one that has expired
 */
export function readListCursor(cursor: string, list: CursorList, nowMs: number): ListPlace {
  const [, after, time, digest] = pattern.exec(keyOfCursor(cursor)) ?? [];
  const startedMs = Number(time);
  if (after === undefined || digest !== digestOf(list) || startedMs > nowMs) {
    throw refused('This cursor does not belong to this list. Start again without it.');
  }
  if (nowMs - startedMs <= listCursorMs) return { after, nowMs: startedMs };
  const hours = listCursorMs / 3_600_000;
  throw refused(`This list was begun more than ${hours} hours ago. Start again without a cursor.`);
}

function digestOf({ organizationId, asked }: CursorList): string {
  const list = JSON.stringify([organizationId, ...asked.map((text) => text ?? null)]);
  return hash('sha256', list, 'hex').slice(0, 16);
}

function refused(detail: string): UsherError {
  return new UsherError('parameter_invalid', detail, { members: { parameter: 'cursor' } });
}
