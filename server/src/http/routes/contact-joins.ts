/**
 * Lists contacts, shows what joins them, and joins and parts them. Identities are in bodies, not in
 * URLs.
 */
import * as operations from '@usher/contract/contact-operations';
import { explainContact } from '../../administration/contact/explain-contact.ts';
import {
  mergeContacts,
  partJoins,
  splitContact,
  unmergeContacts,
} from '../../administration/contact/join-contacts.ts';
import { openContactList } from '../../administration/contact/list-contacts.ts';
import { listJoins } from '../../administration/contact/list-joins.ts';
import { parseMoment } from '../../administration/duration.ts';
import { UsherError } from '../../domain/errors.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { type AdminCall, adminRoute } from '../admin-route.ts';
import type { ApiContext } from '../api-context.ts';
import { placeOf, placeText } from '../call/contact-list-place.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';
import { requireIdentity } from '../require-identity.ts';

export const contactJoinRoutes = [
  adminRoute(operations.explainContact, async (call, { reader }) => {
    const identity = requireIdentity(call.caller, call.body.identity);
    const explained = await explainContact(contactCaller(call), reader, identity);
    return jsonAnswer(200, explained, call.limitHead);
  }),

  adminRoute(operations.listContacts, async (call, { reader }) => {
    const { limit = pageSize.default, cursor, fields, identity_types: types } = call.query;
    const { segment = null, dataset = null } = call.query;
    const { administration, cursors } = call;
    const place =
      cursor === undefined
        ? undefined
        : placeOf(await cursors.open(cursor), administration.clock());
    const list = await openContactList(contactCaller(call), reader, {
      ...{ segment, dataset, fields: fields?.split(',') ?? null },
      identityTypes: types?.split(',') ?? null,
      ...(place !== undefined && {
        nowMs: place.nowMs,
        definitionsRevision: place.definitionsRevision,
      }),
    });
    const { contacts, next } = await list.readPage(place?.after ?? null, limit);
    const { nowMs, definitionsRevision } = list;
    const following =
      next === null
        ? null
        : await cursors.seal(placeText({ after: next, nowMs, definitionsRevision }));
    return jsonAnswer(200, { data: contacts, next_cursor: following }, call.limitHead);
  }),

  adminRoute(operations.listJoins, async (call, { reader }) => {
    const { limit = pageSize.default, cursor } = call.query;
    const before = cursor === undefined ? null : await call.cursors.open(cursor);
    const { joins, next } = await listJoins(contactCaller(call), reader, { before, limit });
    const page = { data: joins, next_cursor: next === null ? null : await call.cursors.seal(next) };
    return jsonAnswer(200, page, call.limitHead);
  }),

  adminRoute(operations.mergeContacts, async (call, context) => {
    const [one, other] = call.body.identities.map((it) => requireIdentity(call.caller, it));
    const identities = [one, other] as [IdentityKey, IdentityKey];
    const store = await openStore(context);
    const merged = await mergeContacts(contactCaller(call), store, identities);
    return jsonAnswer(200, merged, call.limitHead);
  }),

  adminRoute(operations.unmergeContacts, async (call, context) => {
    const store = await openStore(context);
    const parted = await unmergeContacts(contactCaller(call), store, call.body.entry);
    return jsonAnswer(200, parted, call.limitHead);
  }),

  adminRoute(operations.splitContact, async (call, context) => {
    const identity = requireIdentity(call.caller, call.body.identity);
    const parted = await splitContact(contactCaller(call), await openStore(context), identity);
    return jsonAnswer(200, parted, call.limitHead);
  }),

  adminRoute(operations.partJoins, async (call, context) => {
    const { since, until, dataset = null } = call.body;
    const untilMs = until === undefined ? null : requireTime('/until', until);
    const storm = { sinceMs: requireTime('/since', since), untilMs, dataset };
    const parted = await partJoins(contactCaller(call), await openStore(context), storm);
    return jsonAnswer(200, { parted }, call.limitHead);
  }),
];

type ContactCall = Pick<AdminCall<typeof operations.listJoins>, 'administration' | 'caller'>;

function contactCaller({ administration, caller }: ContactCall) {
  return { administration, organization: caller.organization };
}

async function openStore({ reader, writer }: ApiContext) {
  return { reader, writer: await writer() };
}

/** @throws UsherError `definition_invalid` for times that no calendar has */
function requireTime(path: string, text: string): number {
  const timeMs = parseMoment(text, 0);
  if (timeMs !== undefined && timeMs >= 0) return timeMs;
  const detail = 'Give a time since 1970, such as 2026-11-29T08:00:00Z.';
  throw new UsherError('definition_invalid', `${path}: ${detail}`, {
    members: { problems: [{ path, detail }] },
  });
}
