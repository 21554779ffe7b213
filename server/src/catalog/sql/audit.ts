/** Searches the audit log. Every statement reads a range of ids of one organization. */
import { auditReads } from '@usher/contract/audit-words';
import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely';
import type { AuditFilter, AuditSearch, FoundAudit } from '../audit-log.ts';
import { auditClockSlackMs } from '../limits.ts';
import { auditEntryOf } from './rows.ts';
import type { AuditRow, CatalogTables } from './schema.ts';

type Database = Kysely<CatalogTables>;
type AuditQuery = SelectQueryBuilder<CatalogTables, 'audit', Selectable<AuditRow>>;

export async function findAudit(
  database: Database,
  organizationId: number,
  { beforeId, limit, scan, ...filter }: AuditSearch,
): Promise<FoundAudit> {
  const start = beforeId ?? (await startOf(database, organizationId, filter.untilMs));
  // The first entry that this search does not read.
  const beyond = await database
    .selectFrom('audit')
    .select(['id', 'at'])
    .where('organization_id', '=', organizationId)
    .where('id', '<', start)
    .orderBy('id', 'desc')
    .offset(scan)
    .limit(1)
    .executeTakeFirst();
  const range = database
    .selectFrom('audit')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('id', '<', start)
    .where('id', '>', beyond?.id ?? 0)
    .orderBy('id', 'desc');
  const rows = await matching(range, filter)
    .limit(limit + 1)
    .execute();
  const entries = rows.slice(0, limit).map(auditEntryOf);
  const last = entries.at(-1);
  if (rows.length > limit && last !== undefined) return { entries, nextId: last.id };
  const oldestMs = (filter.sinceMs ?? Number.MIN_SAFE_INTEGER) - auditClockSlackMs;
  const isOver = beyond === undefined || beyond.at < oldestMs;
  return { entries, nextId: isOver ? null : beyond.id + 1 };
}

function matching(query: AuditQuery, filter: AuditFilter): AuditQuery {
  const { kind, actor, action, target, sinceMs, untilMs } = filter;
  let found = query;
  if (kind !== undefined) found = found.where('action', kindOperators[kind], auditReads);
  if (actor !== undefined) found = startingWith(found, 'actor', actor);
  if (action !== undefined) found = startingWith(found, 'action', action);
  if (target !== undefined) {
    // Any database has `replace`, which takes the text literally.
    found = found.where(({ eb, fn, val }) => {
      const whole = fn<string>('lower', ['target']);
      const part = fn<string>('lower', [val(target)]);
      return eb(fn<string>('replace', [whole, part, val('')]), '!=', whole);
    });
  }
  if (sinceMs !== undefined) found = found.where('at', '>=', sinceMs);
  if (untilMs !== undefined) found = found.where('at', '<=', untilMs);
  return found;
}

const kindOperators = { changes: 'not in', reads: 'in' } as const;

/** What ends the first part of an actor or an action, and the character after it. */
const ends = { actor: [':', ';'], action: ['.', '/'] } as const;

/** The whole text, or all texts with this first part. */
function startingWith(query: AuditQuery, column: 'actor' | 'action', text: string): AuditQuery {
  const [end, next] = ends[column];
  if (text.includes(end)) return query.where(column, '=', text);
  return query.where((is) =>
    is.or([
      is(column, '=', text),
      is.and([is(column, '>=', text + end), is(column, '<', text + next)]),
    ]),
  );
}

/**
 * An id above those of all entries until the time. Halves the range of ids at each step: 30 steps
 * for a billion entries.
 */
async function startOf(
  database: Database,
  organizationId: number,
  untilMs: number | undefined,
): Promise<number> {
  if (untilMs === undefined) return Number.MAX_SAFE_INTEGER;
  const newestBelow = (id: number) =>
    database
      .selectFrom('audit')
      .select(['id', 'at'])
      .where('organization_id', '=', organizationId)
      .where('id', '<', id)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
  const newest = await newestBelow(Number.MAX_SAFE_INTEGER);
  let low = 1;
  let high = (newest?.id ?? 0) + 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const entry = await newestBelow(middle);
    if (entry === undefined || entry.at <= untilMs + auditClockSlackMs) low = middle;
    else high = entry.id;
  }
  return low;
}
