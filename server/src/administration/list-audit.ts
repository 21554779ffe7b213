/** The audit log of an organization. */
import { type Administration, type ChangeRecord, readIn, rfc3339 } from './administration.ts';

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
  return readIn(administration, organizationId, async (view) => {
    const entries = await view.listAudit(organizationId, page);
    return entries.map(({ id, atMs, actor, action, target, before, after }) => {
      return { id, at: rfc3339(atMs), actor, action, target, before, after };
    });
  });
}
