/**
 * An answer in the form that is cheapest to write to a socket: header lines as ready text, and the
 * body's UTF-8 bytes as latin1 text. `fast-lane.ts` writes both as they are, `server.ts` through
 * node:http.
 */

export interface Answer {
  readonly status: number;
  /**
   * Header lines, each ending in CRLF; without `Content-Length`, `Date`, `X-Request-Id` and
   * `Connection`.
   */
  readonly head: string;
  /** Empty for 304. */
  readonly body: string;
}

/**
 * One header line. Values come from us or are checked before; a line break in one would be a
 * defect, so it is refused.
 */
export function headLine(name: string, value: string): string {
  if (/[\r\n]/.test(value)) throw new Error(`line break in the header ${name}`);
  return `${name}: ${value}\r\n`;
}

/** The header lines as pairs, for servers that want them apart. */
export function headPairs(head: string): [name: string, value: string][] {
  return head
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
}
