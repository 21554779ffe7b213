/** Notes in the audit log that somebody reads. Such an entry changed nothing. */
import type { AuditRead } from '@usher/contract/audit-words';
import { type Administration, authorOf } from './administration.ts';

interface NotedRead {
  readonly action: AuditRead;
  readonly target: string;
  /** What was asked for, without a value and without an identity. */
  readonly after: unknown;
}

/** Call it before anything is read, so that nothing is shown without an entry. */
export async function noteRead(
  administration: Administration,
  organizationId: number,
  read: NotedRead,
): Promise<void> {
  const record = { organizationId, before: null, ...read };
  await administration.catalog.recordActs(authorOf(administration), [record]);
}
