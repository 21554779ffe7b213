/** The audit log of an organization. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditFilter, AuditSearch, FoundAudit } from '../catalog/audit-log.ts';
import type { AuditEntry } from '../catalog/catalog.ts';
import { type Administration, type ChangeRecord, readIn, rfc3339 } from './administration.ts';
import { auditEntriesPerStep, maxAuditSteps } from './limits.ts';
import { requireWholeSight } from './token/actor-sight.ts';

export interface AuditEntryView extends ChangeRecord {
  readonly id: number;
  readonly at: string;
  /** `operator:<name>` or `token:<id>`. */
  readonly actor: string;
}

/** Entries older than `beforeId`, newest first. */
export async function listAudit(
  administration: Administration,
  organizationId: number,
  page: { readonly beforeId?: number; readonly limit: number },
): Promise<readonly AuditEntryView[]> {
  return readIn(administration, organizationId, async (view) =>
    (await view.listAudit(organizationId, page)).map(viewEntry),
  );
}

export interface AuditQuestion extends AuditFilter {
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

export interface AuditPage {
  readonly entries: readonly AuditEntryView[];
  /** The `beforeId` of the next page; `null`: this is the last one. */
  readonly nextId: number | null;
}

/**
 * Entries that match, newest first. Few matches in many entries make a page with few entries, even
 * none, while more follow.
 * @throws UsherError `scope_missing`, also for a token that may not see every dataset, because
 *   entries show definitions
 */
export async function searchAudit(
  administration: Administration,
  organizationId: number,
  { limit, beforeId, ...filter }: AuditQuestion,
): Promise<AuditPage> {
  requireWholeSight(administration.actor);
  const entries: AuditEntryView[] = [];
  let next: number | null | undefined = beforeId;
  for (let step = 0; step < maxAuditSteps; step += 1) {
    if (step > 0) await nextTurn();
    const room = { limit: limit - entries.length, scan: auditEntriesPerStep };
    const search: AuditSearch = { ...filter, ...room, beforeId: next };
    const found: FoundAudit = await readIn(administration, organizationId, (view) =>
      view.findAudit(organizationId, search),
    );
    entries.push(...found.entries.map(viewEntry));
    next = found.nextId;
    if (next === null || entries.length === limit) break;
  }
  return { entries, nextId: next ?? null };
}

function viewEntry({ id, atMs, actor, action, target, before, after }: AuditEntry): AuditEntryView {
  return { id, at: rfc3339(atMs), actor, action, target, before, after };
}
