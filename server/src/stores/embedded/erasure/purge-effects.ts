/**
 * Removes suppressed identities from what unfinished runs noted of their effects, and the ids of
 * contacts that have no record now: those of erased contacts are among them.
 */
import type { IdentityKey } from '../../store.ts';
import { nameOf } from '../contacts/component.ts';
import { organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { hasRecord } from '../writer/contact-entries.ts';
import { listedIn } from '../writer/joined-lists.ts';
import {
  claimedIdentityOf,
  contactIdOf,
  identityOf,
  keysOf,
  type NotedEffect,
  notedEffect,
  otherContactIdOf,
  packKeys,
} from '../writer/run-effects.ts';
import { suppressedAmong } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';
import type { Purged } from './purged.ts';

/** @param after where an earlier call ended */
export function purgeEffects(
  session: WriteSession,
  organizationId: number,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Purged {
  const { effects } = session.environment;
  const prefix = organizationPrefix(organizationId);
  const start = after === null ? prefix : Buffer.from(after, 'hex');
  const range = { ...rangeUnder(prefix), start, exclusiveStart: after !== null, limit };
  const noted = [...effects.getRange(range)].map(notedEffect);
  const names = suppressedAmong(session, organizationId, noted.flatMap(notedIdentities));
  const purge: PurgeOptions = {
    isErased: (it) => names?.has(nameOf(it)) ?? false,
    hasRecord: (contactId) => hasRecord(session, { organizationId, contactId }),
  };
  let removed = 0;
  for (const effect of noted) {
    const value = purgedValue(effect, purge);
    if (value?.equals(effect.value)) continue;
    removed += 1;
    if (value === undefined) effects.remove(effect.at);
    else effects.put(effect.at, value);
  }
  return {
    removed,
    next: noted.length < limit ? null : (noted.at(-1)?.at.toString('hex') ?? null),
  };
}

interface PurgeOptions {
  readonly isErased: (identity: IdentityKey) => boolean;
  readonly hasRecord: (contactId: Uint8Array) => boolean;
}

/** Every identity that an entry names. */
export function notedIdentities(effect: NotedEffect): readonly IdentityKey[] {
  switch (effect.kind) {
    case 'ceased':
    case 'joined':
    case 'risen':
    case 'part':
      return [];
    case 'parted':
      return keysOf(effect);
    case 'refused':
      return [identityOf(effect), claimedIdentityOf(effect)];
    case 'forgotten':
    case 'left':
    case 'suppressed':
      return [identityOf(effect)];
  }
}

const noContact = Buffer.alloc(16);

/** The entry without the erased identities; `undefined` if nothing of it is left. */
function purgedValue(effect: NotedEffect, { isErased, hasRecord }: PurgeOptions) {
  const { kind, value } = effect;
  if (kind === 'ceased' || kind === 'risen') {
    return hasRecord(contactIdOf(effect)) ? value : undefined;
  }
  if (kind === 'joined') {
    const left = listedIn(value).filter(hasRecord);
    return left.length > 0 ? Buffer.concat([value.subarray(0, 1), ...left]) : undefined;
  }
  if (kind === 'part') {
    const hasBoth = hasRecord(contactIdOf(effect)) && hasRecord(otherContactIdOf(effect));
    return hasBoth ? value : undefined;
  }
  if (kind === 'parted') {
    const keys = keysOf(effect).filter((key) => !isErased(key));
    return keys.length > 0 && hasRecord(contactIdOf(effect)) ? packKeys(keys) : undefined;
  }
  if (notedIdentities(effect).some(isErased)) return undefined;
  if (kind !== 'left') return value;
  return hasRecord(value) ? value : noContact;
}
