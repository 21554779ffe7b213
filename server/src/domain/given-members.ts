/** Makes objects of what was given. */

/** Leaves out the members that were not given. */
export function givenMembers<T extends object>(
  members: T,
): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as ReturnType<typeof givenMembers<T>>;
}
