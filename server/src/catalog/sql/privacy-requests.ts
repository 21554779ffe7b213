/** Requests of people about their data. Writing them does not change the revision. */
import type { Kysely, Selectable } from 'kysely';
import type { AuditRecord } from '../catalog.ts';
import type {
  NewPrivacyRequest,
  PrivacyCounts,
  PrivacyEnd,
  PrivacyFilter,
  PrivacyKind,
  PrivacyRequest,
  PrivacyState,
  WholePrivacyRequest,
} from '../privacy-requests.ts';
import { forgetExamples } from './plan-examples.ts';
import { jsonText } from './rows.ts';
import type { CatalogTables, PrivacyRequestRow } from './schema.ts';

type Database = Kysely<CatalogTables>;

const openStates = ['received', 'running'];

/** Digests in one statement: SQLite allows 32,766 parameters. */
const subjectsPerStatement = 5_000;

export async function insertPrivacyRequest(
  database: Database,
  request: NewPrivacyRequest,
): Promise<AuditRecord> {
  const { id, organizationId, kind, actor, receivedAtMs } = request;
  await database
    .insertInto('privacy_requests')
    .values({
      ...{ id, organization_id: organizationId, kind, actor, state: 'received' },
      ...{ received_at: receivedAtMs, alive_at: receivedAtMs },
    })
    .execute();
  return auditOf(request, null, { state: 'received' });
}

export async function keepPrivacyRequest(
  database: Database,
  id: string,
  at: { readonly nowMs: number; readonly silentSinceMs?: number },
): Promise<boolean> {
  const { nowMs, silentSinceMs = Number.MAX_SAFE_INTEGER } = at;
  const kept = await database
    .updateTable('privacy_requests')
    .set({ state: 'running', alive_at: nowMs })
    .where('id', '=', id)
    .where('state', 'in', openStates)
    .where('alive_at', '<=', silentSinceMs)
    .returning('id')
    .executeTakeFirst();
  return kept !== undefined;
}

/** @returns its audit entry; `undefined`: the request has ended or is unknown */
export async function endPrivacyRequest(
  database: Database,
  id: string,
  { atMs, ...end }: PrivacyEnd & { readonly atMs: number },
): Promise<AuditRecord | undefined> {
  const ended = await database
    .updateTable('privacy_requests')
    .set({
      ...{ state: end.state, ended_at: atMs, failure: end.failure },
      ...{ counts: jsonText(end.counts), receipt: jsonText(end.receipt) },
    })
    .where('id', '=', id)
    .where('state', 'in', openStates)
    .returningAll()
    .executeTakeFirst();
  if (ended === undefined) return undefined;
  const { organization_id } = ended;
  // An erased person must not stay as an example. An export erases nobody.
  if (ended.kind === 'erase') {
    await forgetExamples(database, { organizationId: organization_id });
  }
  const rows = [...new Set(end.subjects)].map((subject) => {
    return { organization_id, subject, request_id: id };
  });
  for (let start = 0; start < rows.length; start += subjectsPerStatement) {
    const some = rows.slice(start, start + subjectsPerStatement);
    await database.insertInto('privacy_subjects').values(some).execute();
  }
  const { state, counts, failure } = end;
  const after = { state, ...(counts && { counts }), ...(failure !== null && { failure }) };
  return auditOf(requestOf(ended), { state: 'running' }, after);
}

export async function listPrivacyRequests(
  database: Database,
  organizationId: number,
  { kind, state, sinceMs, afterId, limit }: PrivacyFilter,
): Promise<readonly PrivacyRequest[]> {
  let query = newestFirst(database, organizationId).limit(limit);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (state !== undefined) query = query.where('state', '=', state);
  if (sinceMs !== undefined) query = query.where('received_at', '>=', sinceMs);
  if (afterId !== undefined) {
    const after = await database
      .selectFrom('privacy_requests')
      .select(['received_at', 'id'])
      .where('id', '=', afterId)
      .executeTakeFirst();
    if (after !== undefined) {
      query = query.where((is) =>
        is.or([
          is('received_at', '<', after.received_at),
          is.and([is('received_at', '=', after.received_at), is('id', '<', after.id)]),
        ]),
      );
    }
  }
  return (await query.execute()).map(requestOf);
}

export async function findPrivacyRequest(
  database: Database,
  organizationId: number,
  id: string,
): Promise<WholePrivacyRequest | undefined> {
  const row = await database
    .selectFrom('privacy_requests')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const subjects = await database
    .selectFrom('privacy_subjects')
    .select('subject')
    .where('request_id', '=', id)
    .orderBy('subject')
    .execute();
  return {
    ...requestOf(row),
    subjects: subjects.map(({ subject }) => subject),
    receipt: row.receipt === null ? null : JSON.parse(row.receipt),
  };
}

export async function findPrivacyRequestsAbout(
  database: Database,
  organizationId: number,
  subjects: readonly string[],
): Promise<readonly PrivacyRequest[]> {
  const ids = new Set<string>();
  for (let start = 0; start < subjects.length; start += subjectsPerStatement) {
    const found = await database
      .selectFrom('privacy_subjects')
      .select('request_id')
      .distinct()
      .where('organization_id', '=', organizationId)
      .where('subject', 'in', subjects.slice(start, start + subjectsPerStatement))
      .execute();
    for (const { request_id } of found) ids.add(request_id);
  }
  if (ids.size === 0) return [];
  const rows = await newestFirst(database, organizationId)
    .where('id', 'in', [...ids])
    .execute();
  return rows.map(requestOf);
}

export async function listSilentPrivacyRequests(
  database: Database,
  silentSinceMs: number,
): Promise<readonly PrivacyRequest[]> {
  const rows = await database
    .selectFrom('privacy_requests')
    .select(shownColumns)
    .where('state', 'in', openStates)
    .where('alive_at', '<=', silentSinceMs)
    .orderBy('received_at')
    .orderBy('id')
    .execute();
  return rows.map(requestOf);
}

/** All but the receipt, which may have a megabyte. */
const shownColumns = [
  ...(['id', 'organization_id', 'kind', 'state', 'actor'] as const),
  ...(['received_at', 'alive_at', 'ended_at', 'counts', 'failure'] as const),
] as const;

function newestFirst(database: Database, organizationId: number) {
  return database
    .selectFrom('privacy_requests')
    .select(shownColumns)
    .where('organization_id', '=', organizationId)
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc');
}

function requestOf(
  row: Pick<Selectable<PrivacyRequestRow>, (typeof shownColumns)[number]>,
): PrivacyRequest {
  return {
    id: row.id,
    organizationId: row.organization_id,
    kind: row.kind as PrivacyKind,
    state: row.state as PrivacyState,
    actor: row.actor,
    receivedAtMs: row.received_at,
    aliveAtMs: row.alive_at,
    endedAtMs: row.ended_at,
    counts: row.counts === null ? null : (JSON.parse(row.counts) as PrivacyCounts),
    failure: row.failure,
  };
}

/** The entry names the request, and nobody. */
function auditOf(
  { id, organizationId, kind }: Pick<PrivacyRequest, 'id' | 'organizationId' | 'kind'>,
  before: unknown,
  after: unknown,
): AuditRecord {
  return { organizationId, action: `privacy.${kind}`, target: id, before, after };
}
