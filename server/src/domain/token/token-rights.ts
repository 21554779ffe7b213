/** Compares the rights of two tokens: a token may pass its rights on, but never widen them. */
import { cidrHolds } from './address-list.ts';
import type { Token } from './token.ts';

export type TokenRights = Pick<
  Token,
  'scopes' | 'fields' | 'identityTypes' | 'addresses' | 'maxShare' | 'dataset' | 'expiresAtMs'
>;

export function rightsOf(token: TokenRights): TokenRights {
  const { scopes, fields, identityTypes, addresses, maxShare, dataset, expiresAtMs } = token;
  return { scopes, fields, identityTypes, addresses, maxShare, dataset, expiresAtMs };
}

/** A right that a token does not hold. `path` points into the request for the new token. */
export interface ExcessRight {
  readonly path: string;
  readonly detail: string;
}

/** The rights of `wanted` that exceed `held`. Empty if none exceeds it. */
export function excessRights(wanted: TokenRights, held: TokenRights): readonly ExcessRight[] {
  return [
    ...excessEntries('/scopes', wanted.scopes, (scope) => held.scopes.includes(scope)),
    ...excessList('/fields', wanted.fields, held.fields),
    ...excessList('/identity_types', wanted.identityTypes, held.identityTypes),
    ...excessList('/addresses', wanted.addresses, held.addresses, cidrHolds),
    ...excessIf(
      !isWithin(wanted.maxShare ?? 1, held.maxShare ?? 1),
      '/max_share',
      `The calling token's own share of the limit is ${held.maxShare}.`,
    ),
    ...excessIf(
      held.dataset !== null && wanted.dataset !== held.dataset,
      '/dataset',
      `The calling token itself may push only to ${held.dataset}.`,
    ),
    ...excessIf(
      !isWithin(wanted.expiresAtMs, held.expiresAtMs),
      '/expires',
      'The calling token itself expires earlier.',
    ),
  ];
}

function excessIf(isExcess: boolean, path: string, detail: string): readonly ExcessRight[] {
  return isExcess ? [{ path, detail }] : [];
}

function excessList(
  path: string,
  wanted: readonly string[] | null,
  held: readonly string[] | null,
  holds = (outer: string, inner: string) => outer === inner,
): readonly ExcessRight[] {
  if (held === null) return [];
  if (wanted === null) {
    return [{ path, detail: `The calling token itself is limited to ${held.join(', ')}.` }];
  }
  return excessEntries(path, wanted, (inner) => held.some((outer) => holds(outer, inner)));
}

function excessEntries<T extends string>(
  path: string,
  wanted: readonly T[],
  isHeld: (entry: T) => boolean,
): readonly ExcessRight[] {
  return wanted.flatMap((entry, index) =>
    excessIf(
      !isHeld(entry),
      `${path}/${index}`,
      `The calling token itself does not have ${entry}.`,
    ),
  );
}

/** `null` if there is no limit. */
function isWithin(wanted: number | null, held: number | null): boolean {
  return held === null || (wanted !== null && wanted <= held);
}
