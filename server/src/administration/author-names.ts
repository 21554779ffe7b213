/** The names of authors, for those who may see what was done but not the list of users. */
import type { Administration } from './administration.ts';

/** The names of the users of an organization, never their e-mail addresses, by `user:ID`. */
export async function readAuthorNames(
  { catalog }: Administration,
  organizationId: number,
): Promise<ReadonlyMap<string, string>> {
  const users = await catalog.readUsers((view) => view.listUsers(organizationId));
  return new Map(users.map(({ id, name }) => [`user:${id}`, name]));
}
