/**
 * The checks of every call with a token, in order: token and address, units of the limit, scope. A
 * valid token pays its units even if the call fails, and each answer to it reports the limit.
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
  type TokenProof,
} from './authenticate.ts';
import { type HeadPieces, textOf } from './head-pieces.ts';
import { type CountedKind, limitRate } from './limit-rate.ts';

export interface AdmissionContext extends AuthenticationContext {
  readonly limiter: RateLimiter;
}

export interface AdmissionRule {
  readonly kind: CountedKind;
  /** The token needs them all. `undefined`: any valid token. */
  readonly scopes?: readonly Scope[];
}

/** The caller, or the problem to answer with, and the header lines of the rate limit. */
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
  return chargeText(context, caller, { rule, units: 1, proof: credentials.proof });
}

/** Admits a call whose body decides its cost. `price` runs only after the token was accepted. */
export async function admitPriced(
  context: AdmissionContext,
  credentials: Credentials,
  { price, ...rule }: AdmissionRule & { price(caller: Caller): Promise<number | Problem> },
): Promise<Admission> {
  const caller = authenticate(context, credentials);
  if (isProblem(caller)) return { caller: undefined, head: '', problem: caller };
  const units = await price(caller);
  const { proof } = credentials;
  if (typeof units === 'number') return chargeText(context, caller, { rule, units, proof });
  const { head, problem = units } = chargeText(context, caller, { rule, units: 1, proof });
  return { caller: undefined, head, problem };
}

/**
 * Admits a call of one unit whose caller was found before. The caller is to be looked for again
 * when the catalog changes, or the token is not live any more.
 */
export function admitKnown(
  context: AdmissionContext,
  caller: Caller,
  { rule, proof, nowMs }: Omit<Charge, 'units'> & { readonly nowMs: number },
): Charged {
  if (proof !== undefined) proof.units = 0;
  context.tokenUsed(caller.token, nowMs);
  return charge(context, caller, { rule, units: 1, proof });
}

interface Charge {
  readonly rule: AdmissionRule;
  readonly units: number;
  /** Gets the units, if they are granted. */
  readonly proof: TokenProof | undefined;
}

function chargeText(context: AdmissionContext, caller: Caller, costs: Charge): Admission {
  const { problem, head: pieces } = charge(context, caller, costs);
  const head = textOf(pieces);
  return problem === undefined ? { caller, head, problem } : { caller: undefined, head, problem };
}

/** The header lines of the rate limit, and why the call is not admitted. */
interface Charged {
  readonly head: HeadPieces;
  readonly problem: Problem | undefined;
}

function charge(
  { limiter }: AdmissionContext,
  caller: Caller,
  { rule, units, proof }: Charge,
): Charged {
  const { kind, scopes } = rule;
  const limit = limitRate(limiter, caller, { kind, units });
  if (proof !== undefined && limit.problem === undefined) proof.units = units;
  return { head: limit.head, problem: limit.problem ?? missingScope(caller, scopes) };
}

function missingScope({ token }: Caller, scopes: readonly Scope[] = []): Problem | undefined {
  const scope = scopes.find((it) => !token.scopes.includes(it));
  if (scope === undefined) return undefined;
  const flags = scopes.map((it) => `--scope ${it}`).join(' ');
  return {
    code: 'scope_missing',
    detail: `The token lacks the scope ${scope}. Create a token with it: usher token create ${flags}.`,
    members: { scope },
  };
}
