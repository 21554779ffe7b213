/** Allow-lists of client addresses, as CIDR texts. */
import { BlockList, isIP, isIPv6 } from 'node:net';

interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefix: number;
}

/** An IPv6 address has up to 45 characters, its zone (the name of an interface) up to 15. */
const maxAddressLength = 64;

const cidrPattern = /^([0-9a-f:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/i;

/** A CIDR text or a single address as `address/prefix`; `undefined` for any other text. */
export function normaliseCidr(text: string): string | undefined {
  const network = parseNetwork(text.trim());
  return network && `${network.address}/${network.prefix}`;
}

/** Whether `outer` contains all addresses of `inner`. Both are CIDR texts. */
export function cidrHolds(outer: string, inner: string): boolean {
  const [wide, narrow] = [parseNetwork(outer), parseNetwork(inner)];
  if (wide === undefined || narrow === undefined || wide.family !== narrow.family) return false;
  return wide.prefix <= narrow.prefix && listOf([wide]).check(narrow.address, narrow.family);
}

/**
 * Compiles an allow-list to a function that checks an address. `null` allows all.
 * @param cidrs texts that `normaliseCidr` accepts; other texts allow nothing
 */
export function compileAddressList(cidrs: readonly string[] | null): (address: string) => boolean {
  if (cidrs === null) return () => true;
  const networks = cidrs.map(parseNetwork).filter((network) => network !== undefined);
  // Separate lists: Node's BlockList finds IPv4 addresses in `::/0`.
  const ipv4 = listOf(networks.filter(({ family }) => family === 'ipv4'));
  const ipv6 = listOf(networks.filter(({ family }) => family === 'ipv6'));
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    if (version === 4) return ipv4.check(plain, 'ipv4');
    return version === 6 && ipv6.check(plain, 'ipv6');
  };
}

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family);
  return list;
}

function parseNetwork(text: string): Network | undefined {
  const [, address = '', prefixText] = cidrPattern.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  if (prefix > longest) return undefined;
  if (version === 4) return { address, prefix, family: 'ipv4' };
  const plain = plainAddress(address);
  if (isIPv6(plain)) return { address, prefix, family: 'ipv6' };
  return prefix < 96 ? undefined : { address: plain, prefix: prefix - 96, family: 'ipv4' };
}

/**
 * The form in which addresses are compared: no zone, IPv6 in short form (RFC 5952), mapped IPv4 as
 * IPv4 (a socket on IPv6 sees IPv4 clients as `::ffff:192.0.2.1`). Other texts are returned
 * unchanged.
 */
export function plainAddress(text: string): string {
  if (text.length > maxAddressLength) return text;
  const [address = ''] = text.split('%', 1);
  if (!isIPv6(address)) return text;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (mapped === null) return short;
  const bytes = mapped.slice(1).flatMap((half) => {
    const number = Number.parseInt(half, 16);
    return [number >> 8, number & 0xff];
  });
  return bytes.join('.');
}
