/** Turns members that are `undefined` into missing ones, as optional arguments require. */

type Given<T> = { [Name in keyof T as undefined extends T[Name] ? never : Name]: T[Name] } & {
  [Name in keyof T as undefined extends T[Name] ? Name : never]?: Exclude<T[Name], undefined>;
};

/** The object without its members that are `undefined`. */
export function withoutUndefined<T extends object>(object: T): Given<T> {
  const given = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Given<T>;
}
