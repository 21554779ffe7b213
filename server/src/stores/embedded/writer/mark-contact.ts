/** Marks a known contact as a member of a list: an empty section that claims no identity. */
import { emptySection } from '../../merge-section.ts';
import { keepsAge } from '../../section-age.ts';
import type { KnownIdentity } from '../../store.ts';
import type { IdentityNode, StoredContact } from '../contacts/component.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { newRow } from './change-row.ts';
import { ComponentChange } from './component-change.ts';
import { isGone } from './contact-entries.ts';
import { findRow } from './find-row.ts';
import { noteBefore } from './remove-row.ts';
import { storedSection } from './stored-section.ts';
import type { ContactPlace, WriteSession } from './write-session.ts';

/** The first identity that leads to a contact decides. */
export function markContact(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
): AppliedChange {
  const change = new ComponentChange(session, origin);
  for (const identity of identities) {
    const key = change.component.node(identity);
    const contact = change.loadContact(key);
    if (contact === undefined || isGone(session, placeOf(origin, contact))) continue;
    return mark(session, origin, { change, key, contact });
  }
  return { outcome: 'unmatched' };
}

interface Marked {
  readonly change: ComponentChange;
  readonly key: IdentityNode;
  readonly contact: StoredContact;
}

function mark(session: WriteSession, origin: ChangeOrigin, marked: Marked): AppliedChange {
  const { change, key, contact } = marked;
  const { organizationId, asOfMs, sourceVersion } = origin;
  const known = findRow(change, origin, key);
  const old = known && storedSection(session, organizationId, known);
  if (old !== undefined && old.sourceVersion > sourceVersion) return { outcome: 'stale' };
  // A store of an older release did not know that its section is a mark.
  const isMark = known?.kind === 'list';
  if (isMark && old !== undefined && !keepsAge(old.asOfMs) && asOfMs <= old.asOfMs) {
    return { outcome: 'unchanged' };
  }
  if (known === undefined) origin.rollbackLog?.noteNewRow(key, 'section');
  else noteBefore(session, origin, known, { key, isSame: old !== undefined });
  const row = isMark ? known : newRow(origin, 'list', key);
  if (!isMark) change.addRow(row);
  change.sections.set(row, { view: emptySection, asOfMs, sourceVersion });
  const outcome = old === undefined ? 'changed' : 'unchanged';
  if (known === undefined || isMark) return { outcome, revision: change.writeInPlace(contact) };
  change.takeBackRow(known);
  change.component.gather();
  return { outcome, revision: change.write().revision };
}

function placeOf({ organizationId }: ChangeOrigin, { contactId }: StoredContact): ContactPlace {
  return { organizationId, contactId };
}
