/**
 * Where the console goes on after the user was away at the provider, which always comes back to the
 * first page. Kept by the tab, so that no address decides it.
 */
const key = 'usher-return';

/** @param place a path of the console with its query, such as `/contacts` */
export function keepPlace(place: string | undefined): void {
  if (place === undefined) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, place);
}

/** Each place is taken once. */
export function takePlace(): string | undefined {
  const place = sessionStorage.getItem(key) ?? undefined;
  sessionStorage.removeItem(key);
  return place?.startsWith('/') ? place : undefined;
}
