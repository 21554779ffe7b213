/** Erases, exports and corrects people, and shows the requests. */
import * as operations from '@usher/contract/privacy-operations';
import { amendContact } from '../../administration/privacy/amend-contact.ts';
import { startErasure } from '../../administration/privacy/erase-contacts.ts';
import { exportContact } from '../../administration/privacy/export-contact.ts';
import { liftSuppression } from '../../administration/privacy/lift-suppression.ts';
import { type PrivacyStore, requirePrivacy } from '../../administration/privacy/privacy-caller.ts';
import { listRequests, readRequest } from '../../administration/privacy/request-view.ts';
import { verifyReceipt } from '../../administration/privacy/verify-receipt.ts';
import { UsherError } from '../../domain/errors.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { type AdminCall, adminRoute } from '../admin-route.ts';
import { type Answer, headLine } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { requireTime } from '../call/require-time.ts';
import type { Guarded } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';
import { requireIdentity } from '../require-identity.ts';
import type { Route } from '../route.ts';

/** A token with lists is refused before its body is read. */
function privacyRoute<Op extends Guarded>(
  operation: Op,
  answer: (call: AdminCall<Op>, context: ApiContext) => Promise<Answer>,
): Route {
  return adminRoute(operation, answer, requirePrivacy);
}

type CreateCall = AdminCall<typeof operations.createPrivacyRequest>;

export const privacyRoutes = [
  privacyRoute(operations.createPrivacyRequest, async (call, context) => {
    const { kind } = call.body;
    requireMembers(call.body);
    const store = await openStore(context);
    if (kind === 'erase') return erase(call, context, store);
    const identity = requireIdentity(call.caller, call.body.identity ?? '');
    if (kind === 'lift') {
      const { id } = await liftSuppression(callerOf(call), store, identity);
      return showRequest(call, id);
    }
    const { fields = {}, lift = [] } = call.body;
    const { id } = await amendContact(callerOf(call), store, { identity, fields, lift });
    return showRequest(call, id);
  }),

  privacyRoute(operations.listPrivacyRequests, async (call) => {
    const { limit = pageSize.default, cursor, kind, state, since } = call.query;
    const afterId = cursor === undefined ? undefined : await call.cursors.open(cursor);
    const sinceMs = requireTime('since', since);
    const filter = { kind, state, sinceMs, afterId, limit: limit + 1 };
    const requests = await listRequests(callerOf(call), filter);
    const data = requests.slice(0, limit);
    const last = requests.length > limit ? data.at(-1) : undefined;
    const next = last === undefined ? null : await call.cursors.seal(last.id);
    return jsonAnswer(200, { data, next_cursor: next }, call.limitHead);
  }),

  privacyRoute(operations.getPrivacyRequest, async (call) => showRequest(call, call.params.id)),

  privacyRoute(operations.exportContact, async (call, context) => {
    const identity = requireIdentity(call.caller, call.body.identity);
    const exported = await exportContact(callerOf(call), await openStore(context), { identity });
    return jsonAnswer(200, exported, call.limitHead);
  }),

  privacyRoute(operations.verifyReceipt, async (call, context) => {
    const verified = await verifyReceipt(callerOf(call), context, call.body.receipt);
    return jsonAnswer(200, verified, call.limitHead);
  }),
];

async function erase(
  call: CreateCall,
  { erasures }: ApiContext,
  store: PrivacyStore,
): Promise<Answer> {
  const identities = namedIdentities(call);
  const { interrupted } = erasures;
  const { id, ended } = await startErasure(callerOf(call), store, { identities, interrupted });
  if (await erasures.waitFor(ended)) return showRequest(call, id);
  const location = headLine('Location', `/admin/v1/privacy/requests/${id}`);
  return jsonAnswer(202, await readRequest(callerOf(call), id), location + call.limitHead);
}

/** @throws UsherError with the place of the wrong identity, never with its value */
function namedIdentities({ body, caller }: CreateCall): IdentityKey[] {
  if (body.identity !== undefined) return [requireIdentity(caller, body.identity)];
  return (body.identities ?? []).map((text, place) => {
    try {
      return requireIdentity(caller, text);
    } catch (error) {
      if (!(error instanceof UsherError)) throw error;
      const { code, detail, members } = error;
      const path = `/identities/${place}`;
      const problems = [{ path, detail }];
      throw new UsherError(code, `${path}: ${detail}`, { members: { ...members, problems } });
    }
  });
}

/** @throws UsherError `definition_invalid` for members that do not fit the kind */
function requireMembers({ kind, ...members }: CreateCall['body']): void {
  const given = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  const allowed = membersOf[kind];
  const problems = given
    .filter((name) => !allowed.includes(name))
    .map((name) => ({
      path: `/${name}`,
      detail: `A request of the kind ${kind} has no ${name}. It has ${allowed.join(', ')}.`,
    }));
  const named = ['identity', 'identities'].filter((name) => given.includes(name));
  if (named.length !== 1) {
    const detail =
      kind === 'erase' ? 'Give either identity or identities.' : 'Give the identity of the person.';
    problems.push({ path: '/identity', detail });
  }
  if (problems.length === 0) return;
  const words = problems.map(({ path, detail }) => `${path}: ${detail}`).join(' ');
  throw new UsherError('definition_invalid', words, { members: { problems } });
}

const membersOf: Readonly<Record<CreateCall['body']['kind'], readonly string[]>> = {
  erase: ['identity', 'identities'],
  amend: ['identity', 'fields', 'lift'],
  lift: ['identity'],
};

type PrivacyCall = Pick<CreateCall, 'administration' | 'caller' | 'limitHead'>;

async function showRequest(call: PrivacyCall, id: string): Promise<Answer> {
  return jsonAnswer(200, await readRequest(callerOf(call), id), call.limitHead);
}

function callerOf({ administration, caller }: PrivacyCall) {
  return { administration, organization: caller.organization };
}

async function openStore({ reader, writer, suppression }: ApiContext): Promise<PrivacyStore> {
  return { reader, writer: await writer(), suppression };
}
