/** Shared by the routes of administration: the actor of a call, and pages of lists. */
import type { Administration } from '../../administration/administration.ts';
import { UsherError } from '../../domain/errors.ts';
import type { ApiContext } from '../api-context.ts';
import type { Caller } from '../authenticate.ts';
import { pageSize } from '../limits.ts';

/** Administration with the calling token as the actor. */
export function administrationOf(context: ApiContext, caller: Caller): Administration {
  return { ...context.administration, actor: { kind: 'token', token: caller.token } };
}

export function organizationIdOf(caller: Caller): number {
  return caller.organization.organization.id;
}

export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

/**
 * One page of a list. A cursor names the last entry of the previous page, so pages neither repeat
 * nor miss entries when others are added.
 * @throws UsherError `parameter_invalid` for a cursor of another list
 */
export function pageOf<Entry>(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
  query: PageQuery,
): { readonly data: readonly Entry[]; readonly next_cursor: string | null } {
  const size = query.limit ?? pageSize.default;
  const start = query.cursor === undefined ? 0 : placeAfter(entries.map(keyOf), query.cursor);
  const data = entries.slice(start, start + size);
  const last = data.at(-1);
  const hasMore = start + size < entries.length;
  const cursor = last === undefined || !hasMore ? null : Buffer.from(keyOf(last));
  return { data, next_cursor: cursor?.toString('base64url') ?? null };
}

function placeAfter(keys: readonly string[], cursor: string): number {
  const place = keys.indexOf(Buffer.from(cursor, 'base64url').toString());
  if (place >= 0) return place + 1;
  throw new UsherError(
    'parameter_invalid',
    'This cursor does not belong to this list. Start again without it.',
    { members: { parameter: 'cursor' } },
  );
}
