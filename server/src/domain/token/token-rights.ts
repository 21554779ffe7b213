/**
 * What a token may do, and whether one token's rights lie within another's: rights are handed on,
 * never widened.
 */
import { cidrHolds } from './address-list.ts';
import type { Token } from './token.ts';

export type TokenRights = Pick<
  Token,
  'scopes' | 'fields' | 'identityTypes' | 'addresses' | 'maxShare' | 'dataset' | 'expiresAtMs'
>;

/** A right that goes beyond those held. `path` is its place in a request for a token. */
export interface ExcessRight {
  readonly path: string;
  readonly detail: string;
}

/** Every right of `wanted` that `held` does not include; empty: `wanted` lies within `held`. */
export function excessRights(wanted: TokenRights, held: TokenRights): readonly ExcessRight[] {
  return [
    ...excessEntries('/scopes', wanted.scopes, (scope) => held.scopes.includes(scope)),
    ...excessList('/fields', wanted.fields, held.fields),
    ...excessList('/identity_types', wanted.identityTypes, held.identityTypes),
    ...excessAddresses(wanted.addresses, held.addresses),
    ...(isWithin(wanted.maxShare ?? 1, held.maxShare ?? 1)
      ? []
      : [
          {
            path: '/max_share',
            detail: `This token's own share of the limit is ${held.maxShare}.`,
          },
        ]),
    ...(held.dataset === null || wanted.dataset === held.dataset
      ? []
      : [{ path: '/dataset', detail: `This token itself may push to ${held.dataset} only.` }]),
    ...(isWithin(wanted.expiresAtMs, held.expiresAtMs)
      ? []
      : [{ path: '/expires', detail: 'This token itself expires earlier.' }]),
  ];
}

function excessAddresses(
  wanted: readonly string[] | null,
  held: readonly string[] | null,
): readonly ExcessRight[] {
  if (held === null) return [];
  if (wanted === null) return [unlimited('/addresses', held)];
  return excessEntries('/addresses', wanted, (inner) =>
    held.some((outer) => cidrHolds(outer, inner)),
  );
}

function excessList(
  path: string,
  wanted: readonly string[] | null,
  held: readonly string[] | null,
): readonly ExcessRight[] {
  if (held === null) return [];
  if (wanted === null) return [unlimited(path, held)];
  return excessEntries(path, wanted, (entry) => held.includes(entry));
}

function excessEntries<T extends string>(
  path: string,
  wanted: readonly T[],
  isHeld: (entry: T) => boolean,
): readonly ExcessRight[] {
  return wanted.flatMap((entry, index) =>
    isHeld(entry)
      ? []
      : [{ path: `${path}/${index}`, detail: `This token does not hold ${entry} itself.` }],
  );
}

function unlimited(path: string, held: readonly string[]): ExcessRight {
  return { path, detail: `This token itself is limited to ${held.join(', ')}.` };
}

/** `null` is without limit. */
function isWithin(wanted: number | null, held: number | null): boolean {
  return held === null || (wanted !== null && wanted <= held);
}
