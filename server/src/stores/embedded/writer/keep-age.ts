/** Freezes a section's as-of, so that the run's own as-of does not count for it. */
import { asOfOf, keepsAge, keptAsOf } from '../../section-age.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import { readFinishedRun } from '../meta.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { ComponentChange } from './component-change.ts';
import { findRow } from './find-row.ts';
import { noteBefore } from './remove-row.ts';
import { storedSection } from './stored-section.ts';
import type { WriteSession } from './write-session.ts';

const unchanged: AppliedChange = { outcome: 'unchanged' };

export function keepAge(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
): AppliedChange {
  const { organizationId, sourceVersion } = origin;
  const change = new ComponentChange(session, origin);
  const key = change.component.node(identities[0] as IdentityKey);
  const contact = change.loadContact(key);
  const row = findRow(change, origin, key);
  const old = row && storedSection(session, organizationId, row);
  if (contact === undefined || row === undefined || old === undefined) return unchanged;
  if (keepsAge(old.asOfMs) || old.sourceVersion === sourceVersion) return unchanged;
  if (old.sourceVersion > sourceVersion) return { outcome: 'stale' };
  const finished = readFinishedRun(session.environment.meta, origin);
  const asOfMs = keptAsOf(asOfOf(old.asOfMs, finished?.asOfMs));
  noteBefore(session, origin, row, { isSame: true });
  change.sections.set(row, { view: old.view, asOfMs, sourceVersion });
  return { outcome: 'unchanged', revision: change.writeInPlace(contact) };
}
