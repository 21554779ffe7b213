/** The client's address: the peer's, or the one a trusted proxy reports in `X-Forwarded-For`. */
import { isIP } from 'node:net';

export type ClientAddress = (peer: string, forwardedFor: string | undefined) => string;

/**
 * Reads the header from its end, where the nearest proxy wrote, to the first address that is not a
 * trusted proxy. Entries before it were written by the client and are not believed.
 */
export function compileClientAddress(trustsProxy: (address: string) => boolean): ClientAddress {
  return (peer, forwardedFor) => {
    let address = plainAddress(peer);
    if (forwardedFor === undefined || !trustsProxy(address)) return address;
    for (const entry of forwardedFor.split(',').reverse()) {
      const next = plainAddress(entry.trim());
      if (isIP(next) === 0) return address;
      address = next;
      if (!trustsProxy(address)) return address;
    }
    return address;
  };
}

/** Without brackets, port and the IPv6 mapping of IPv4 addresses. */
function plainAddress(text: string): string {
  const bracketed = /^\[([0-9a-f:.]+)\](?::[0-9]+)?$/i.exec(text)?.[1];
  const address = bracketed ?? text.replace(/^([0-9.]+):[0-9]+$/, '$1');
  return address.replace(/^::ffff:(?=[0-9]+\.)/i, '');
}
