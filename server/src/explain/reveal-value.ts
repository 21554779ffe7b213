/** Reveals one value of a contact for a reason. The access log notes who, whose, which and why. */
import { authorOf } from '../administration/administration.ts';
import { type ContactCaller, requireScopes } from '../administration/contact/contact-caller.ts';
import { refusedJoin } from '../administration/contact/join-refusals.ts';
import { contactSubject, noteLook } from '../administration/contact/note-look.ts';
import { noteShown } from '../administration/contact/note-shown.ts';
import { requireWholeSight } from '../administration/token/actor-sight.ts';
import type { Field } from '../domain/contact/field.ts';
import { UsherError } from '../domain/errors.ts';
import { sensitivitiesIn } from '../domain/rule/field-sensitivity.ts';
import { allows } from '../domain/user/role-scopes.ts';
import type { IdentityKey } from '../stores/store.ts';
import { type ExplainStore, readExplained } from './explain-everything.ts';
import type { ExplainedValue } from './explain-values.ts';
import { maxRevealsPerMinute, revealedMs, searchedReveals } from './limits.ts';

export interface RevealRequest {
  readonly identity: IdentityKey;
  /** The name of the field. */
  readonly field: string;
  /** A word from the list of reasons: an erasure could not find a free text. */
  readonly reason: string;
  readonly ticket: string | null;
  /** Throws if the caller may not reveal any more. Asked before the value is given out. */
  readonly requireAllowed: () => Promise<void>;
}

export interface RevealedValue extends ExplainedValue {
  /** RFC 3339: the console hides the value again at this time. */
  readonly until: string;
}

/**
 * @throws UsherError `contact_not_found`, `scope_missing`, `resource_not_found` for the field,
 *   `role_missing` for a sensitive field, `access_log_unavailable`
 */
export async function revealValue(
  caller: ContactCaller,
  { reader, datasetAges }: ExplainStore,
  { identity, field: name, reason, ticket, requireAllowed }: RevealRequest,
): Promise<RevealedValue> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  const { administration, organization } = caller;
  requireWholeSight(administration.actor);
  const field = organization.fields.get(name);
  if (field === undefined) {
    throw new UsherError('resource_not_found', `There is no field ${name}.`);
  }
  requireSensitive(caller, field);
  await requirePace(caller, maxRevealsPerMinute - 1);
  // Nothing is noted of a value that would not be shown.
  if (administration.notedLooks?.isWriting() === false) throw cannotNote();
  await noteShown(caller, { action: 'contact.reveal' });
  // Calls that came at once have counted each other only now.
  await requirePace(caller, maxRevealsPerMinute);
  const nowMs = administration.clock();
  const read = await readExplained(caller, reader, { identity, nowMs, datasetAges });
  const remark = ticket === null ? reason : `${reason} ${ticket}`;
  const look = { way: 'reveal', fields: [name], remark } as const;
  const value = read?.values.find(([id]) => id === field.id)?.[1];
  if (read === undefined || value === undefined) {
    noteLook(caller, { ...look, subject: identity, outcome: 'contact_not_found' });
    throw refusedJoin('contact_not_found');
  }
  const subject = contactSubject(Buffer.from(read.contactId, 'hex'));
  noteLook(caller, { ...look, subject });
  try {
    // A value is shown only when a crash cannot take away the note of it any more.
    if ((await administration.notedLooks?.synced()) === false) throw cannotNote();
    await requireAllowed();
  } catch (error) {
    noteLook(caller, { ...look, subject, outcome: 'withdrawn' });
    throw error;
  }
  return { ...value, until: new Date(nowMs + revealedMs).toISOString() };
}

function cannotNote(): UsherError {
  return new UsherError(
    'access_log_unavailable',
    'The access log cannot be written, so no value is revealed. Try again soon; the operator sees the reason in the log of the server.',
  );
}

function requireSensitive(caller: ContactCaller, field: Field): void {
  const {
    administration: { actor },
    organization,
  } = caller;
  if (actor.kind !== 'user' || sensitivitiesIn(organization).of(field) !== 'sensitive') return;
  const { role } = actor.user;
  if (allows(role, 'contacts:sensitive')) return;
  throw new UsherError(
    'role_missing',
    `The role ${role} may not reveal sensitive values. Ask an administrator.`,
    { members: { permission: 'contacts:sensitive', role } },
  );
}

/**
 * The audit log has each reveal of every thread.
 * @param most how many entries of the last minute the user may have
 */
async function requirePace(
  { administration, organization }: ContactCaller,
  most: number,
): Promise<void> {
  if (administration.actor.kind !== 'user') return;
  const { actor, atMs } = authorOf(administration);
  const { entries } = await administration.catalog.read((view) =>
    view.findAudit(organization.organization.id, {
      ...{ actor, action: 'contact.reveal', sinceMs: atMs - 59_999 },
      ...{ limit: most + 1, scan: searchedReveals },
    }),
  );
  if (entries.length <= most) return;
  throw new UsherError(
    'rate_limited',
    `You have revealed ${maxRevealsPerMinute} values within a minute. Wait a minute.`,
  );
}
