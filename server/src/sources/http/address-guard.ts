/**
 * Decides which addresses an HTTP source may reach: public ones, and those that the operator lists.
 * Otherwise a URL, a redirect or a DNS name could lead into the private network.
 */
import { isIP } from 'node:net';
import { compileAddressList } from '../../domain/token/address-list.ts';

/**
 * IANA's special-purpose addresses: private, shared, loopback, link-local, documentation,
 * multicast.
 */
const closedV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * The public range. Below are its special parts: Teredo, documentation, 6to4 (which wraps an IPv4
 * address).
 */
const openV6 = '2000::/3';
const closedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** @param allowed CIDRs that may be reached although they are private */
export function makeAddressGuard(allowed: readonly string[]): (address: string) => boolean {
  const isAllowed = compileAddressList(allowed);
  const isClosed = compileAddressList([...closedV4, ...closedV6]);
  const isOpen = compileAddressList([openV6]);
  return (written) => {
    const address = plainAddress(written);
    if (address === undefined) return false;
    if (isAllowed(address)) return true;
    if (isIP(address) === 4) return !isClosed(address);
    return isOpen(address) && !isClosed(address);
  };
}

/** Unwraps an IPv4 address in IPv6 (`::ffff:7f00:1`); `undefined` when it is not an address. */
function plainAddress(written: string): string | undefined {
  const version = isIP(written);
  if (version === 4) return written;
  if (version === 0 || !URL.canParse(`http://[${written}]/`)) return undefined;
  const address = new URL(`http://[${written}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 0xff, b >> 8, b & 0xff].join('.');
}
