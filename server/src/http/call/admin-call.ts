/** Shared by the routes of administration: the actor of a call, and pages of lists. */
import type { Administration } from '../../administration/administration.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Answer } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import type { Caller } from '../authenticate.ts';
import { jsonAnswer } from '../json-answer.ts';
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
export function pageAnswer<Entry>(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
  { query, limitHead }: { readonly query: PageQuery; readonly limitHead: string },
): Answer {
  const size = query.limit ?? pageSize.default;
  const start = query.cursor === undefined ? 0 : indexAfter(entries.map(keyOf), query.cursor);
  const data = entries.slice(start, start + size);
  const last = data.at(-1);
  const hasMore = start + size < entries.length;
  const cursor = last === undefined || !hasMore ? null : Buffer.from(keyOf(last));
  const page = { data, next_cursor: cursor?.toString('base64url') ?? null };
  return jsonAnswer(200, page, limitHead);
}

function indexAfter(keys: readonly string[], cursor: string): number {
  const index = keys.indexOf(Buffer.from(cursor, 'base64url').toString());
  if (index >= 0) return index + 1;
  throw new UsherError(
    'parameter_invalid',
    'This cursor does not belong to this list. Start again without it.',
    { members: { parameter: 'cursor' } },
  );
}
