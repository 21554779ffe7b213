/**
 * Whose request it is: the peer's address, or what a trusted proxy says of it in `X-Forwarded-For`.
 */
import { isIP } from 'node:net';

export type ClientAddress = (peer: string, forwardedFor: string | undefined) => string;

/**
 * Walks the header from its end, where the nearest proxy wrote, past proxies that are trusted; the
 * first address that is none of them is the client's. Whatever stands before that was written by
 * the client itself and is not believed.
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
