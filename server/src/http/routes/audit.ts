/** Lists and exports the audit log. */
import type { AuditKind } from '@usher/contract/audit-words';
import * as operations from '@usher/contract/insight-operations';
import { type AuditEntryView, searchAudit } from '../../administration/list-audit.ts';
import { exportPages, noteExport } from '../../administration/log-export.ts';
import { requireWholeSight } from '../../administration/token/actor-sight.ts';
import type { AuditFilter } from '../../catalog/audit-log.ts';
import { adminRoute } from '../admin-route.ts';
import { requireTime } from '../call/require-time.ts';
import { exportAnswer } from '../export-answer.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';

const columns = ['id', 'at', 'actor', 'action', 'target', 'before', 'after'] as const;

export const auditRoutes = [
  adminRoute(operations.listAudit, async (call) => {
    const { administration, organizationId, query, cursors, limitHead } = call;
    const { limit = pageSize.default, cursor } = query;
    const { entries, nextId } = await searchAudit(administration, organizationId, {
      ...filterOf(query),
      limit,
      beforeId: cursor === undefined ? undefined : Number(await cursors.open(cursor)),
    });
    const next = nextId === null ? null : await cursors.seal(String(nextId));
    return jsonAnswer(200, { data: entries, next_cursor: next }, limitHead);
  }),

  adminRoute(operations.exportAudit, async (call, { clock }) => {
    const { administration, organizationId, body, cursors, limitHead } = call;
    const { format, cursor, ...filters } = body;
    const filter = filterOf(filters);
    requireWholeSight(administration.actor);
    const from = cursor === undefined ? null : Number(await cursors.open(cursor));
    const noted = { log: 'audit', format, filters: Object.keys(filters) } as const;
    await noteExport(administration, organizationId, noted);
    const steps = exportPages<AuditEntryView, number>({
      from,
      read: async ({ before, limit }) => {
        const page = { ...filter, limit, beforeId: before ?? undefined };
        const { entries, nextId } = await searchAudit(administration, organizationId, page);
        return { entries, next: nextId };
      },
      seal: (next) => cursors.seal(String(next)),
    });
    const file = { name: 'audit-log', format, columns, nowMs: clock(), limitHead };
    return exportAnswer<AuditEntryView>(steps, file);
  }),
];

interface AskedFilter {
  readonly kind?: AuditKind;
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly since?: string;
  readonly until?: string;
}

function filterOf({ kind, actor, action, target, since, until }: AskedFilter): AuditFilter {
  return {
    ...{ kind, actor, action, target },
    sinceMs: requireTime('since', since),
    untilMs: requireTime('until', until),
  };
}
