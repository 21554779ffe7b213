/** The audit log of an organization. */
import { type Administration, openOrganization, rfc3339 } from './administration.ts';

export interface AuditEntryView {
  readonly id: number;
  readonly at: string;
  /** `operator:<name>` or `token:<id>`. */
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Entries older than `beforeId`, newest first. */
export async function listAudit(
  administration: Administration,
  organizationId: number,
  page: { readonly beforeId?: number; readonly limit: number },
): Promise<readonly AuditEntryView[]> {
  const { catalog, actor } = administration;
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:read');
    const entries = await view.listAudit(organizationId, page);
    return entries.map((entry) => ({
      id: entry.id,
      at: rfc3339(entry.atMs),
      actor: entry.actor,
      action: entry.action,
      target: entry.target,
      before: entry.before,
      after: entry.after,
    }));
  });
}
