/**
 * Finds which identities and rows are on the suppression lists. All identities of a batch are
 * looked up at once, and mostly none is suppressed.
 */
import type { IdentityRules } from '../../../domain/contact/identity-rules.ts';
import type { IdentityKey } from '../../store.ts';
import type { DigestScope } from '../../suppression/keyed-digests.ts';
import { nameOf } from '../contacts/component.ts';
import type { GuardedLists } from './guarded-lists.ts';
import type { WriteSession } from './write-session.ts';

/** The lists, and the names by which they know types and datasets: a `WriteSession` has both. */
export interface SuppressionSource {
  readonly lists: Pick<GuardedLists, 'require'>;
  rules(organizationId: number): IdentityRules;
}

const digestBytes = 16;
const usualDigests = 16;

/** Digests of identities by their types, to look many up at once. */
export class NamedDigests {
  readonly #types = new Map<number, { bytes: Buffer; length: number }>();

  /** A digest of another length is left out: its change is rejected. */
  add(typeId: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== digestBytes) return;
    let ofType = this.#types.get(typeId);
    if (ofType === undefined) {
      ofType = { bytes: Buffer.allocUnsafe(usualDigests * digestBytes), length: 0 };
      this.#types.set(typeId, ofType);
    }
    if (ofType.length === ofType.bytes.length) {
      ofType.bytes = Buffer.concat([ofType.bytes], ofType.length * 2);
    }
    const into = ofType.bytes;
    for (let at = start; at < end; at += 1) into[ofType.length + at - start] = bytes[at] as number;
    ofType.length += digestBytes;
  }

  /** The names (`nameOf`) of those that are suppressed; `undefined`: none is. */
  suppressed(source: SuppressionSource, organizationId: number): ReadonlySet<string> | undefined {
    const lists = source.lists.require();
    let names: Set<string> | undefined;
    for (const [typeId, { bytes, length }] of this.#types) {
      const scope = identityScope(source, organizationId, typeId);
      for (const place of lists.placesOf(scope, bytes.subarray(0, length))) {
        const digest = bytes.subarray(place * digestBytes, (place + 1) * digestBytes);
        names ??= new Set();
        names.add(nameOf({ typeId, digest }));
      }
    }
    return names;
  }
}

/** The names (`nameOf`) of those identities that are suppressed; `undefined`: none is. */
export function suppressedAmong(
  source: SuppressionSource,
  organizationId: number,
  identities: readonly IdentityKey[],
): ReadonlySet<string> | undefined {
  if (source.lists.require().isEmpty) return undefined;
  const digests = new NamedDigests();
  for (const { typeId, digest } of identities) digests.add(typeId, digest, 0, digest.length);
  return digests.suppressed(source, organizationId);
}

/** What an identity of the type is on a list. */
export function identityScope(
  source: SuppressionSource,
  organizationId: number,
  typeId: number,
): DigestScope {
  return { kind: 'identity', organizationId, type: typeName(source, organizationId, typeId) };
}

/** Whether the identity was suppressed, and lifted since. */
export function isLifted(
  session: WriteSession,
  organizationId: number,
  { typeId, digest }: IdentityKey,
): boolean {
  return session.lists.require().isLifted(identityScope(session, organizationId, typeId), digest);
}

/** What a row is on a list, by its key. */
export function rowScope(
  source: SuppressionSource,
  { organizationId, datasetId }: { readonly organizationId: number; readonly datasetId: number },
  { typeId }: IdentityKey,
): DigestScope {
  const names = source.rules(organizationId).names?.datasets ?? [];
  const dataset = names.find(([id]) => id === datasetId)?.[1] ?? `#${datasetId}`;
  return { kind: 'row', organizationId, dataset, type: typeName(source, organizationId, typeId) };
}

function typeName(source: SuppressionSource, organizationId: number, typeId: number): string {
  const names = source.rules(organizationId).names?.types ?? [];
  return names.find(([id]) => id === typeId)?.[1] ?? `#${typeId}`;
}

/** Whether the row let a suppressed identity go when that was erased. */
export function isKept(
  source: SuppressionSource,
  place: { readonly organizationId: number; readonly datasetId: number },
  key: IdentityKey,
): boolean {
  return source.lists.require().has(rowScope(source, place, key), key.digest);
}
