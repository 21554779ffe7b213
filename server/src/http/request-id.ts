/** The id under which a request is known: the caller's own if it is sane, else a new one. */

const sanePattern = /^[A-Za-z0-9._-]{1,128}$/;

export function requestIdOf(own: string | undefined, newRequestId: () => string): string {
  return own !== undefined && sanePattern.test(own) ? own : newRequestId();
}
