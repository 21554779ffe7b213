/**
 * The order of checks of every call that needs a token: the token and the client's address
 * (`authenticate.ts`), then units of the limit (`limit-rate.ts`), then the scope. A good token pays
 * its units once, whatever becomes of the call, and each answer to it tells how the limit stands.
 */
import type { Problem } from '../domain/problem.ts';
import type { RateLimiter } from '../domain/rate-limit.ts';
import type { Scope } from '../domain/token/token.ts';
import {
  type AuthenticationContext,
  authenticate,
  type Caller,
  type Credentials,
  isProblem,
} from './authenticate.ts';
import { type CountedKind, limitRate } from './limit-rate.ts';

export interface AdmissionContext extends AuthenticationContext {
  readonly limiter: RateLimiter;
}

export interface AdmissionRule {
  /** The limit that counts the call. */
  readonly kind: CountedKind;
  /** `undefined`: any good token will do. */
  readonly scope?: Scope;
}

/** The caller, or the problem to answer, each with the header lines of the limit for the answer. */
export type Admission = { readonly head: string } & (
  | { readonly caller: Caller; readonly problem: undefined }
  | { readonly caller: undefined; readonly problem: Problem }
);

/** Admits a call that costs one unit. */
export function admit(
  context: AdmissionContext,
  credentials: Credentials,
  rule: AdmissionRule,
): Admission {
  const caller = authenticate(context, credentials);
  if (isProblem(caller)) return { caller: undefined, head: '', problem: caller };
  return charge(context, caller, { rule, units: 1 });
}

/**
 * Admits a call whose cost its body says.
 * @param price the units, or what is wrong with the body; asked only for a good token
 */
export async function admitPriced(
  context: AdmissionContext,
  credentials: Credentials,
  { price, ...rule }: AdmissionRule & { price(caller: Caller): Promise<number | Problem> },
): Promise<Admission> {
  const caller = authenticate(context, credentials);
  if (isProblem(caller)) return { caller: undefined, head: '', problem: caller };
  const units = await price(caller);
  if (typeof units === 'number') return charge(context, caller, { rule, units });
  const { head, problem = units } = charge(context, caller, { rule, units: 1 });
  return { caller: undefined, head, problem };
}

function charge(
  { limiter }: AdmissionContext,
  caller: Caller,
  { rule, units }: { readonly rule: AdmissionRule; readonly units: number },
): Admission {
  const { kind, scope } = rule;
  const limit = limitRate(limiter, caller, { kind, units });
  const problem = limit.problem ?? missingScope(caller, scope);
  const { head } = limit;
  return problem === undefined ? { caller, head, problem } : { caller: undefined, head, problem };
}

function missingScope({ token }: Caller, scope: Scope | undefined): Problem | undefined {
  if (scope === undefined || token.scopes.includes(scope)) return undefined;
  return {
    code: 'scope_missing',
    detail: `The token lacks the scope ${scope}. Create a token with it: usher token create --scope ${scope}.`,
    members: { scope },
  };
}
