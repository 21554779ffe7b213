/** The ways to sign in that this server offers, for the page where users do it. */
import type { ApiContext } from '../api-context.ts';

export interface SignInMethods {
  readonly password: boolean;
  readonly oidc: { readonly name: string } | null;
  /** Whether to ask for the organization, because there are several. */
  readonly asks_organization: boolean;
}

export function signInMethods({ users, catalog }: ApiContext): SignInMethods {
  const { oidc } = users;
  return {
    password: true,
    oidc: oidc === undefined ? null : { name: oidc.options.name },
    asks_organization: catalog.current().organizations.size > 1,
  };
}
