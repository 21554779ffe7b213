/** Lists and exports the access log, and says what it keeps. */
import * as operations from '@usher/contract/insight-operations';
import type { AccessState } from '../../access/access-check.ts';
import { dayMs } from '../../access/limits.ts';
import type { AccessPlace } from '../../access/list-access.ts';
import { type Administration, rfc3339 } from '../../administration/administration.ts';
import {
  type LookFilter,
  type LookView,
  listLooks,
  lookPlaceOf,
  lookPlaceText,
} from '../../administration/contact/list-looks.ts';
import { exportPages, noteExport } from '../../administration/log-export.ts';
import { countLooks } from '../../administration/overview/count-looks.ts';
import { requireWholeSight } from '../../administration/token/actor-sight.ts';
import type { CatalogState } from '../../domain/catalog-state.ts';
import { adminRoute } from '../admin-route.ts';
import type { Caller } from '../authenticate.ts';
import { requireTime } from '../call/require-time.ts';
import { exportAnswer } from '../export-answer.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';
import { requireIdentity } from '../require-identity.ts';

const columns = [
  ...(['at', 'actor', 'claimed_actor', 'address', 'way', 'outcome'] as const),
  ...(['fields', 'remark', 'subject', 'found'] as const),
] as const;

export const accessLogRoutes = [
  adminRoute(operations.listAccess, async (call, { reader, runs }) => {
    const { administration, caller, query, cursors, limitHead } = call;
    const { limit = pageSize.default, cursor } = query;
    const filter = filterOf(caller, query);
    const before = cursor === undefined ? null : lookPlaceOf(await cursors.open(cursor));
    const asking = { administration, organization: caller.organization };
    const place = { dataFolder: runs.dataFolder, reader };
    const { looks, next } = await listLooks(asking, place, { filter, limit, before });
    const following = next === null ? null : await cursors.seal(lookPlaceText(next));
    return jsonAnswer(200, { data: looks, next_cursor: following }, limitHead);
  }),

  adminRoute(operations.exportAccess, async (call, { reader, runs, clock }) => {
    const { administration, organizationId, caller, body, cursors, limitHead } = call;
    const { format, cursor, ...filters } = body;
    const filter = filterOf(caller, filters);
    requireWholeSight(administration.actor);
    const from = cursor === undefined ? null : lookPlaceOf(await cursors.open(cursor));
    const noted = { log: 'access_log', format, filters: Object.keys(filters) } as const;
    await noteExport(administration, organizationId, noted);
    const asking = { administration, organization: caller.organization };
    const place = { dataFolder: runs.dataFolder, reader };
    const steps = exportPages<LookView, AccessPlace>({
      from,
      read: async (page) => {
        const { looks, next } = await listLooks(asking, place, { filter, ...page });
        return { entries: looks, next };
      },
      seal: (next) => cursors.seal(lookPlaceText(next)),
    });
    const file = { name: 'access-log', format, columns, nowMs: clock(), limitHead };
    return exportAnswer<LookView>(steps, file);
  }),

  adminRoute(operations.countAccess, async ({ administration, caller, limitHead }) => {
    const counts = await countLooks(administration, caller.organization.organization);
    return jsonAnswer(200, counts, limitHead);
  }),

  adminRoute(operations.getAccessState, async (call, { accessLog, catalog }) => {
    const { administration, organizationId, limitHead } = call;
    requireWholeSight(administration.actor);
    const { retention, check } = accessLog;
    const state = await check.state();
    // The log is one for all organizations: its size would tell how much the others are used.
    const isAlone = !(await othersLook(administration, catalog.current(), organizationId));
    const answer = {
      since: state === undefined ? null : rfc3339(state.sinceMs),
      kept_days: retention.maxAgeMs === null ? null : Math.round(retention.maxAgeMs / dayMs),
      max_bytes: retention.maxBytes,
      bytes: isAlone ? (state?.bytes ?? 0) : null,
      entries: isAlone ? (state?.entries ?? 0) : null,
      check: state === undefined ? null : viewCheck(state),
    };
    return jsonAnswer(200, answer, limitHead);
  }),
];

/** Whether other organizations have tokens or users, whose looks are in the log, too. */
async function othersLook(
  { catalog }: Administration,
  { organizations, tokens }: CatalogState,
  own: number,
): Promise<boolean> {
  if ([...tokens.values()].some(({ organizationId }) => organizationId !== own)) return true;
  const others = [...organizations.keys()].filter((id) => id !== own);
  return catalog.readUsers(async (view) => {
    for (const id of others) if ((await view.listUsers(id)).length > 0) return true;
    return false;
  });
}

interface AskedFilter {
  readonly contact?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly way?: NonNullable<LookFilter['way']>;
  readonly outcome?: NonNullable<LookFilter['outcome']>;
  readonly since?: string;
  readonly until?: string;
}

function filterOf(
  caller: Caller,
  { contact, subject, actor, way, outcome, since, until }: AskedFilter,
): LookFilter {
  return {
    contact: contact === undefined ? null : requireIdentity(caller, contact),
    subject: subject ?? null,
    who: actor ?? null,
    way: way ?? null,
    outcome: outcome ?? null,
    sinceMs: requireTime('since', since) ?? null,
    untilMs: requireTime('until', until) ?? null,
  };
}

function viewCheck({ atMs, isWhole, firstBlock, lastBlock }: AccessState) {
  return { at: rfc3339(atMs), is_whole: isWhole, first_block: firstBlock, last_block: lastBlock };
}
