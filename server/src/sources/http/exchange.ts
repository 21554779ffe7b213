/**
 * Sends one request and receives the head of its answer. The host's addresses are resolved once and
 * checked, and the connection goes to one of them, so that DNS rebinding changes nothing.
 */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request } from 'node:http';
import { Agent as HttpsAgent, request as requestTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { UsherError } from '../../domain/errors.ts';
import { httpFirstByteMs, httpIdleMs } from '../limits.ts';
import { invalidSource } from '../source-failure.ts';

/** DNS and certificates, which tests replace. */
export interface Network {
  /** All addresses of a name. */
  resolve(host: string): Promise<readonly LookupAddress[]>;
  /** PEM certificates to trust in place of the usual authorities. */
  readonly authorities?: readonly string[];
}

export const systemNetwork: Network = { resolve: (host) => lookup(host, { all: true }) };

export interface ExchangeLimits {
  readonly firstByteMs: number;
  readonly idleMs: number;
}

export const usualExchangeLimits: ExchangeLimits = {
  firstByteMs: httpFirstByteMs,
  idleMs: httpIdleMs,
};

export interface ExchangeOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly mayReach: (address: string) => boolean;
  readonly network: Network;
  readonly limits: ExchangeLimits;
  readonly signal: AbortSignal;
}

/** Resolves with the answer's head. Its body fails when no byte arrives for `idleMs`. */
export async function exchange(url: URL, options: ExchangeOptions): Promise<IncomingMessage> {
  const addresses = await checkedAddresses(url, options);
  const { limits, signal } = options;
  const isTls = url.protocol === 'https:';
  // The global agent keeps connections open, and may be configured to use a proxy.
  const agent = isTls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  const send = isTls ? requestTls : request;
  const { authorities } = options.network;
  const sent = send(url, {
    agent,
    signal,
    lookup: answering(addresses),
    headers: { 'user-agent': 'usher', 'accept-encoding': 'gzip, br, zstd', ...options.headers },
    ...(isTls && { rejectUnauthorized: true }),
    ...(isTls && authorities !== undefined && { ca: [...authorities] }),
  });
  const deadline = setTimeout(() => sent.destroy(silence()), limits.firstByteMs);
  try {
    const answer = await headOf(sent, options.mayReach);
    sent.setTimeout(limits.idleMs, () => answer.destroy(silence()));
    return answer;
  } finally {
    clearTimeout(deadline);
  }
}

function headOf(
  sent: ClientRequest,
  mayReach: (address: string) => boolean,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let head: IncomingMessage | undefined;
    // Not `once`: a later error, such as more bytes than announced, must fail the body.
    sent.on('error', (error) => {
      reject(error);
      head?.destroy(error);
    });
    sent.on('response', (answer) => {
      head = answer;
      // Cannot happen, because addresses are checked before. It protects against later changes.
      if (mayReach(answer.socket.remoteAddress ?? '')) return resolve(answer);
      sent.destroy();
      reject(notReachable());
    });
    sent.end();
  });
}

async function checkedAddresses(
  url: URL,
  { mayReach, network }: ExchangeOptions,
): Promise<readonly LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = isIP(host);
  const addresses =
    literal === 0 ? await network.resolve(host) : [{ address: host, family: literal }];
  if (addresses.length === 0 || !addresses.every(({ address }) => mayReach(address))) {
    throw notReachable();
  }
  return addresses;
}

/** Makes the connection use the addresses that were checked. */
function answering(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, options, done) => {
    const [first] = addresses;
    if (options.all === true) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
}

/** Does not name the address: authors of definitions must not learn about the private network. */
function notReachable(): UsherError {
  return invalidSource(
    'The source leads to a private address. To allow it, list its network in USHER_SOURCE_ADDRESSES.',
  );
}

function silence(): NodeJS.ErrnoException {
  return Object.assign(new Error('silence'), { code: 'ETIMEDOUT' });
}
