/** The ways to sign in that this server offers, for the page where users do it. */
import type { ApiContext } from '../api-context.ts';

export interface SignInMethods {
  readonly password: boolean;
  readonly oidc: { readonly name: string } | null;
}

export function signInMethods(_context: ApiContext): SignInMethods {
  return { password: true, oidc: null };
}
