/** The id of a request: the caller's own if it is well-formed, else a new one. */

const sanePattern = /^[A-Za-z0-9._-]{1,128}$/;

export function requestIdOf<Id>(own: string | undefined, newRequestId: () => Id): Id | string {
  return own !== undefined && sanePattern.test(own) ? own : newRequestId();
}
