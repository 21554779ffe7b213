/**
 * Removes suppressed identities from what unfinished runs noted of their effects. The id of an
 * erased contact is replaced by one that nobody had: what a run reports of other people follows
 * also from that contact.
 */
import { writeContactId } from '../../../domain/contact/contact-id.ts';
import type { IdentityKey } from '../../store.ts';
import { nameOf } from '../contacts/component.ts';
import type { IdMap } from '../contacts/id-map.ts';
import { organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { listedIn } from '../writer/joined-lists.ts';
import {
  claimedIdentityOf,
  identityOf,
  keysOf,
  type NotedEffect,
  notedEffect,
  packKeys,
  versionOf,
  withContactIds,
} from '../writer/run-effects.ts';
import { identityScope, suppressedAmong } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';
import type { Purged } from './purged.ts';

interface EffectsPurge {
  /** Where an earlier call ended. */
  readonly after: string | null;
  readonly limit: number;
  /** Those that were erased. */
  readonly contacts: IdMap<true>;
  /** The suppression list whose key makes what replaces contact ids. */
  readonly keyId: string;
}

export function purgeEffects(
  session: WriteSession,
  organizationId: number,
  { after, limit, contacts, keyId }: EffectsPurge,
): Purged {
  const { effects } = session.environment;
  const prefix = organizationPrefix(organizationId);
  const start = after === null ? prefix : Buffer.from(after, 'hex');
  const range = { ...rangeUnder(prefix), start, exclusiveStart: after !== null, limit };
  const noted = [...effects.getRange(range)].map(notedEffect);
  const names = suppressedAmong(session, organizationId, noted.flatMap(notedIdentities));
  const isErased = (it: IdentityKey) => names?.has(nameOf(it)) ?? false;
  let removed = 0;
  for (const effect of noted) {
    const standIn = (contactId: Uint8Array) => {
      if (!contacts.has(contactId)) return contactId;
      const { digests } = session.lists.require().listFor(keyId);
      const keyed = digests.of(identityScope(session, organizationId, 0), contactId);
      return standInOf(keyed, versionOf(effect));
    };
    const purged = purgedEffect(effect, { isErased, standIn });
    const isSameKey = purged?.at.equals(effect.at) ?? false;
    if (isSameKey && purged?.value.equals(effect.value)) continue;
    removed += 1;
    if (!isSameKey) effects.remove(effect.at);
    if (purged !== undefined) effects.put(purged.at, purged.value);
  }
  return {
    removed,
    next: noted.length < limit ? null : (noted.at(-1)?.at.toString('hex') ?? null),
  };
}

interface PurgeOptions {
  readonly isErased: (identity: IdentityKey) => boolean;
  /** The contact id, or what replaces it. */
  readonly standIn: (contactId: Uint8Array) => Uint8Array;
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

/** The entry without the erased identities; `undefined` if nothing of it is left. */
function purgedEffect(
  effect: NotedEffect,
  { isErased, standIn }: PurgeOptions,
): Pick<NotedEffect, 'at' | 'value'> | undefined {
  const { kind, at, value } = effect;
  switch (kind) {
    case 'ceased':
    case 'risen':
    case 'part':
      return { at: withContactIds(effect, standIn), value };
    case 'joined':
      return { at, value: Buffer.concat([value.subarray(0, 1), ...listedIn(value).map(standIn)]) };
    case 'parted': {
      const keys = keysOf(effect).filter((key) => !isErased(key));
      return { at: withContactIds(effect, standIn), value: packKeys(keys) };
    }
    case 'left':
      return isErased(identityOf(effect)) ? undefined : { at, value: Buffer.from(standIn(value)) };
    case 'forgotten':
    case 'refused':
    case 'suppressed':
      return notedIdentities(effect).some(isErased) ? undefined : effect;
  }
}

/** It is never that of a new contact of the run, and comes behind those of all others. */
function standInOf(keyed: Uint8Array, version: bigint): Uint8Array {
  const standIn = new Uint8Array(keyed.length);
  writeContactId(standIn, version - 1n, keyed, 0);
  return standIn;
}
