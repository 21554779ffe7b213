/** Lists of client addresses as CIDR texts: whether a text is one, whether one holds another, whether a list holds an address. */
import { BlockList, isIP } from 'node:net';

interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefix: number;
}

const cidrPattern = /^([0-9a-f:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/i;

/** `address/prefix` for a CIDR text or a single address, else `undefined`. */
export function normaliseCidr(text: string): string | undefined {
  const network = parseNetwork(text.trim());
  return network && `${network.address}/${network.prefix}`;
}

/** Whether each address of `inner` is one of `outer`; both are CIDR texts. */
export function cidrHolds(outer: string, inner: string): boolean {
  const [wide, narrow] = [parseNetwork(outer), parseNetwork(inner)];
  if (wide === undefined || narrow === undefined || wide.family !== narrow.family) return false;
  return wide.prefix <= narrow.prefix && listOf([wide]).check(narrow.address, narrow.family);
}

/**
 * The rule of an allow-list; `null` allows all. Compile it once, ask it often.
 * @param cidrs texts that `normaliseCidr` accepts; others allow nothing
 */
export function compileAddressList(cidrs: readonly string[] | null): (address: string) => boolean {
  if (cidrs === null) return () => true;
  const list = listOf(cidrs.map(parseNetwork).filter((network) => network !== undefined));
  return (address) => {
    const plain = withoutMapping(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
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
  const plain = withoutMapping(address);
  if (version === 4 || plain === address) {
    return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
  }
  return prefix < 96 ? undefined : { address: plain, prefix: prefix - 96, family: 'ipv4' };
}

/** A socket that listens on IPv6 names IPv4 clients `::ffff:192.0.2.1`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=[0-9]+\.)/i, '');
}
