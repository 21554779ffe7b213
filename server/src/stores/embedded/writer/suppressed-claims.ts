/**
 * Keeps suppressed identities out of the store. All identities of a batch are looked up at once,
 * and mostly none is suppressed.
 */

import type { IdentityKey, KnownIdentity } from '../../store.ts';
import type { DigestScope } from '../../suppression/keyed-digests.ts';
import { nameOf } from '../contacts/component.ts';
import type { ChangeOrigin } from './applied-change.ts';
import { ComponentChange } from './component-change.ts';
import { findRow } from './find-row.ts';
import type { WriteSession } from './write-session.ts';

const digestBytes = 16;

/** The names (`nameOf`) of those identities that are suppressed; `undefined`: none is. */
export function suppressedAmong(
  session: WriteSession,
  organizationId: number,
  identities: readonly IdentityKey[],
): ReadonlySet<string> | undefined {
  const lists = session.lists.require();
  if (lists.isEmpty) return undefined;
  let names: Set<string> | undefined;
  for (const [typeId, ofType] of byType(identities)) {
    const digests = Buffer.allocUnsafe(ofType.length * digestBytes);
    for (let place = 0; place < ofType.length; place += 1) {
      digests.set((ofType[place] as IdentityKey).digest, place * digestBytes);
    }
    const scope = identityScope(session, organizationId, typeId);
    for (const place of lists.placesOf(scope, digests)) {
      names ??= new Set();
      names.add(nameOf(ofType[place] as IdentityKey));
    }
  }
  return names;
}

/** Identities of a wrong length are left out: their change is rejected. */
function byType(identities: readonly IdentityKey[]): Map<number, IdentityKey[]> {
  const types = new Map<number, IdentityKey[]>();
  for (const identity of identities) {
    if (identity.digest.length !== digestBytes) continue;
    const known = types.get(identity.typeId);
    if (known === undefined) types.set(identity.typeId, [identity]);
    else known.push(identity);
  }
  return types;
}

/** What an identity of the type is on a list. */
export function identityScope(
  session: WriteSession,
  organizationId: number,
  typeId: number,
): DigestScope {
  return { kind: 'identity', organizationId, type: typeName(session, organizationId, typeId) };
}

/** What a row is on a list, by its key. */
export function rowScope(
  session: WriteSession,
  { organizationId, datasetId }: { readonly organizationId: number; readonly datasetId: number },
  { typeId }: IdentityKey,
): DigestScope {
  const names = session.rules(organizationId).names?.datasets ?? [];
  const dataset = names.find(([id]) => id === datasetId)?.[1] ?? `#${datasetId}`;
  return { kind: 'row', organizationId, dataset, type: typeName(session, organizationId, typeId) };
}

function typeName(session: WriteSession, organizationId: number, typeId: number): string {
  const names = session.rules(organizationId).names?.types ?? [];
  return names.find(([id]) => id === typeId)?.[1] ?? `#${typeId}`;
}

/**
 * The identities that a row may claim. `undefined`: it is refused, because its key is suppressed,
 * or because it is new and names a suppressed identity. A known or kept row is applied without that
 * identity: its key shows that it is another person.
 */
export function withoutSuppressed(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
): readonly KnownIdentity[] | undefined {
  const { suppressed, effects } = origin;
  if (suppressed === undefined) return identities;
  const isFree = (identity: IdentityKey) => !suppressed.has(nameOf(identity));
  const free = identities.filter(isFree);
  if (free.length === identities.length) return identities;
  const key = identities[0] as KnownIdentity;
  if (!isFree(key) || !isKnownOrKept(session, origin, key)) return undefined;
  effects.noteSuppressed(identities.filter((it) => !isFree(it)));
  return free;
}

function isKnownOrKept(session: WriteSession, origin: ChangeOrigin, key: IdentityKey): boolean {
  const change = new ComponentChange(session, origin);
  const node = change.component.node(key);
  change.loadContact(node);
  if (findRow(change, origin, node) !== undefined) return true;
  return isKept(session, origin, key);
}

/** Whether the row let a suppressed identity go when that was erased. */
export function isKept(
  session: WriteSession,
  place: { readonly organizationId: number; readonly datasetId: number },
  key: IdentityKey,
): boolean {
  return session.lists.require().has(rowScope(session, place, key), key.digest);
}
