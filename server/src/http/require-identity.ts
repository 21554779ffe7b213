/** Identities in the bodies of administration. */
import { UsherError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import type { IdentityKey } from '../stores/store.ts';
import { type Caller, isProblem } from './authenticate.ts';
import { identityKey } from './lookup/answer-lookup.ts';

/** @throws UsherError with the problem of the identity */
export function requireIdentity(caller: Caller, text: string): IdentityKey {
  const key: IdentityKey | Problem = identityKey(caller, text);
  if (!isProblem(key)) return key;
  const { code, detail, members = {} } = key;
  throw new UsherError(code, detail, { members });
}
