/**
 * An answer in the form that is cheapest to write to a socket: ready header lines, and a body that
 * holds UTF-8 bytes as latin1 text.
 */

export interface Answer {
  readonly status: number;
  /** CRLF-terminated lines, without `Content-Length`, `Date`, `X-Request-Id` and `Connection`. */
  readonly head: string;
  /** Empty for 304. */
  readonly body: string;
}

/** One header line. @throws Error for a line break in the value, which would be a defect. */
export function headLine(name: string, value: string): string {
  if (/[\r\n]/.test(value)) throw new Error(`line break in the header ${name}`);
  return `${name}: ${value}\r\n`;
}

/** The header lines as name and value. */
export function headPairs(head: string): [name: string, value: string][] {
  return head
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
}
