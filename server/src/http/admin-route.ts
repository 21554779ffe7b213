/** Routes of administration: the calling token or user acts on its own organization. */
import type { Actor, Administration } from '../administration/administration.ts';
import type { ContactCaller } from '../administration/contact/contact-caller.ts';
import { scopesOfRole } from '../domain/user/role-scopes.ts';
import { readSecretKey } from '../stores/secret-key.ts';
import type { Awaitable } from '../stores/store.ts';
import { accessProblem, lookerOf } from './access-notes.ts';
import type { Answer, AnyAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import type { Caller } from './authenticate.ts';
import { foreignCursor, ListCursors } from './call/list-cursors.ts';
import { type Call, type Guarded, guardedRoute } from './guarded-route.ts';
import { jsonAnswer, preconditionOf } from './json-answer.ts';
import { pageSize } from './limits.ts';
import type { Route } from './route.ts';

export interface AdminCall<Op extends Guarded> extends Call<Op> {
  /** Its actor is the calling token or user. */
  readonly administration: Administration;
  readonly organizationId: number;
  /** Of the list that is asked for. */
  readonly cursors: ListCursors;
  /** The header `If-None-Match` of a GET. */
  readonly ifNoneMatch: string | undefined;
  /** The check of the header `If-Match`. */
  readonly precondition: ReturnType<typeof preconditionOf>;
  /** The header `If-None-Match: *` of a change: it may only create. */
  readonly mustBeNew: boolean;
}

/**
 * @param require throws an `UsherError` for a caller that may not call the route, before the body
 *   is read
 */
export function adminRoute<Op extends Guarded>(
  operation: Op,
  answer: (call: AdminCall<Op>, context: ApiContext) => Awaitable<AnyAnswer>,
  require?: (caller: ContactCaller) => void,
): Route {
  const handle = (call: Call<Op>, context: ApiContext) => {
    const { caller, headers, params, query } = call;
    const unnoted = operation.showsContacts && accessProblem(context.access, pageSize.max);
    if (unnoted) return unnoted;
    const organizationId = caller.organization.organization.id;
    const asked = operation.method === 'GET' ? query : call.body;
    const list = { organizationId, operationId: operation.id, params, asked };
    const adminCall = {
      ...call,
      administration: withPlan(notedOf(operation, call, context), call),
      organizationId,
      cursors: new ListCursors(list, () => readSecretKey(context.runs.dataFolder)),
      ifNoneMatch: operation.method === 'GET' ? headers['if-none-match'] : undefined,
      precondition: preconditionOf(headers['if-match']),
      mustBeNew: operation.method !== 'GET' && headers['if-none-match']?.trim() === '*',
    };
    return answer(adminCall, context);
  };
  const requireCaller = (caller: Caller, context: ApiContext) =>
    require?.({
      administration: administrationOf(caller, context),
      organization: caller.organization,
    });
  return guardedRoute({ operation, require: requireCaller, handle });
}

function administrationOf(
  { token, user, isConfirmed = false }: Caller,
  context: ApiContext,
): Administration {
  const actor: Actor =
    user === undefined
      ? { kind: 'token', token }
      : { kind: 'user', user, isConfirmed, token, grants: scopesOfRole(user.role) };
  return { ...context.administration, actor };
}

/** Notes in the access log what it shows, which only an operation may that says so. */
function notedOf<Op extends Guarded>(
  { id, showsContacts }: Op,
  { caller, origin }: Call<Op>,
  context: ApiContext,
): Administration {
  const looker = lookerOf(caller, origin);
  return {
    ...administrationOf(caller, context),
    notedLooks: context.access,
    noteLook: (subject, act) => {
      if (showsContacts !== true) throw new Error(`${id} does not say that it shows contacts`);
      context.access.note(looker, subject, { ...act, atMs: context.clock() });
    },
  };
}

/** A caller approves a plan with the member `plan` of the body or the query. */
function withPlan(
  administration: Administration,
  { body, query }: { readonly body?: unknown; readonly query?: unknown },
): Administration {
  const { plan } = { ...(query as object), ...(body as object) } as { readonly plan?: unknown };
  return typeof plan === 'string' ? { ...administration, plan } : administration;
}

interface PageCall {
  readonly query: { readonly limit?: number; readonly cursor?: string };
  readonly cursors: ListCursors;
  readonly limitHead: string;
}

/**
 * One page of a list. A cursor names the last entry of the previous page, so pages neither repeat
 * nor miss entries when others are added.
 * @throws UsherError `parameter_invalid` for a cursor of another list
 */
export async function pageAnswer<Entry>(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
  { query, cursors, limitHead }: PageCall,
): Promise<Answer> {
  const { limit: size = pageSize.default, cursor } = query;
  const start =
    cursor === undefined ? 0 : indexAfter(entries.map(keyOf), await cursors.open(cursor));
  const data = entries.slice(start, start + size);
  const last = start + size < entries.length ? data.at(-1) : undefined;
  const next = last === undefined ? null : await cursors.seal(keyOf(last));
  return jsonAnswer(200, { data, next_cursor: next }, limitHead);
}

function indexAfter(keys: readonly string[], key: string): number {
  const index = keys.indexOf(key);
  if (index < 0) throw foreignCursor();
  return index + 1;
}
