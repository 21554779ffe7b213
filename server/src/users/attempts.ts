/**
 * Failed attempts. They are counted for an account and the place that they come from, so that
 * failures elsewhere never keep the owner out: a place is a browser in which the user has signed in
 * before, or else a network. An account that nobody has is counted in the same way.
 */
import { isIPv6 } from 'node:net';
import type { UserChange } from '../catalog/users.ts';
import { ipv6Network } from '../domain/token/failed-authentication.ts';
import type { SignInFailures } from '../domain/user/user.ts';
import { attemptWaitMs, failureMemoryMs, freeAttempts, maxRememberedFailures } from './limits.ts';
import type { AttemptPlace } from './password-work.ts';
import type { UserKeys } from './user-keys.ts';

/** An attempt that was counted before its password is checked, so that many at once count, too. */
export type CountedAttempt =
  | { readonly waitMs: 0; readonly key: string }
  | { readonly waitMs: number };

export async function countAttempt(
  change: UserChange,
  key: string,
  nowMs: number,
): Promise<CountedAttempt> {
  const known = await change.findFailures(key);
  const before =
    known !== undefined && nowMs - known.lastAtMs < failureMemoryMs ? known : undefined;
  const waitMs = before === undefined ? 0 : waitOf(before, nowMs);
  if (waitMs > 0) return { waitMs };
  await change.putFailures({ key, count: (before?.count ?? 0) + 1, lastAtMs: nowMs });
  if (before === undefined) await change.dropOldFailures(maxRememberedFailures);
  return { waitMs: 0, key };
}

/**
 * Takes back the one attempt that did not fail. Others that were counted meanwhile stay, so that no
 * attempt erases those beside it.
 */
export async function takeBackAttempt(change: UserChange, key: string): Promise<void> {
  const known = await change.findFailures(key);
  if (known === undefined) return;
  if (known.count <= 1) await change.deleteFailures(key);
  else await change.putFailures({ ...known, count: known.count - 1 });
}

function waitOf({ count, lastAtMs }: SignInFailures, nowMs: number): number {
  if (count < freeAttempts) return 0;
  const { first, longest } = attemptWaitMs;
  const wholeMs = Math.min(longest, first * 2 ** Math.min(count - freeAttempts, 20));
  return Math.max(0, lastAtMs + wholeMs - nowMs);
}

/** An account that somebody tries. It need not exist, nor the organization. */
export interface Account {
  readonly organizationId: number | undefined;
  readonly email: string;
}

export function attemptKey(
  keys: UserKeys,
  { organizationId = 0, email }: Account,
  place: AttemptPlace,
): string {
  return keys.digest('failures', `${organizationId}\n${email}\n${place.key}`);
}

/** The /24 of an IPv4 address, the /48 of an IPv6 address. */
export function networkOf(address: string): string {
  if (isIPv6(address)) return ipv6Network(address).split(':').slice(0, 3).join(':');
  return address.split('.').slice(0, 3).join('.');
}
