/**
 * What a request to the console says about its browser: whether it travels safely, and whether it
 * comes from the console's own pages (OWASP, "Cross-Site Request Forgery Prevention").
 */
import { isIPv4 } from 'node:net';
import type { Problem } from '../../domain/problem.ts';
import { plainAddress } from '../../domain/token/address-list.ts';
import type { Visitor } from '../../users/user-desk.ts';
import type { ApiContext } from '../api-context.ts';
import type { RequestFacts } from '../route.ts';
import { readCookie, readOidcCookie } from './cookies.ts';

export interface Browser {
  /** `tls`: to the browser. `loopback`: plain, but it never leaves the machine. */
  readonly channel: 'tls' | 'loopback' | 'open';
  /** The secret of the session's cookie. */
  readonly session: string | undefined;
  /** What the browser keeps while its user is at the OpenID provider. */
  readonly oidc: string | undefined;
  /** Whether nobody caused the call: a page that stands open asks again. */
  readonly isBackground: boolean;
  /** Scheme, host and port of the server, as the browser sees it. */
  readonly origin: string;
  readonly visitor: Visitor;
}

type BrowserContext = Pick<ApiContext, 'servesTls' | 'trustsProxy'>;

/** What of a request says it. */
export type BrowserFacts = Pick<RequestFacts, 'headers' | 'address' | 'message'>;

export function browserOf(context: BrowserContext, request: BrowserFacts): Browser {
  const { headers, address } = request;
  const channel = channelOf(context, request);
  const isTls = channel === 'tls';
  const userAgent = headers['user-agent'] ?? '';
  return {
    channel,
    session: channel === 'open' ? undefined : readCookie(headers.cookie, 'session', isTls),
    oidc: channel === 'open' ? undefined : readOidcCookie(headers.cookie, isTls),
    isBackground:
      headers['usher-background'] !== undefined || headers.accept === 'text/event-stream',
    origin: `${isTls ? 'https' : 'http'}://${headers.host ?? ''}`,
    visitor: {
      address,
      userAgent: userAgent.replace(/[^\x20-\x7e]/g, '?'),
      device: channel === 'open' ? undefined : readCookie(headers.cookie, 'device', isTls),
    },
  };
}

function channelOf(context: BrowserContext, { headers, message }: BrowserFacts) {
  const peer = plainAddress(message.socket.remoteAddress ?? '');
  const protocol = headers['x-forwarded-proto']?.toString().split(',').at(-1)?.trim();
  if (context.servesTls) return 'tls';
  if (context.trustsProxy(peer)) return protocol?.toLowerCase() === 'https' ? 'tls' : 'open';
  // A proxy that nobody named passes on the name that the browser asked for.
  const isHere = isLoopback(peer) && headers['x-forwarded-for'] === undefined;
  return isHere && isLoopbackHost(headers.host ?? '') ? 'loopback' : 'open';
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:[0-9]*$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || isLoopback(name);
}

export const sessionInsecure: Problem = {
  code: 'session_insecure',
  detail:
    'Signing in is refused: this connection has no TLS, so the password and the session would travel in the clear. Set USHER_TLS_CERT and USHER_TLS_KEY, or name the proxy that does TLS in USHER_TRUST_PROXY (it must send X-Forwarded-Proto: https), or use http://localhost on the machine itself.',
};

/** Types that a form of another site can send without asking. */
const formTypes = new Set([
  'text/plain',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
]);

/** The problem of a request that changes something, unless the console's own page sent it. */
export function checkOrigin(
  { headers, message }: RequestFacts,
  browser: Browser,
): Problem | undefined {
  const { method = '' } = message;
  if (method === 'GET' || method === 'HEAD') return undefined;
  const { origin } = headers;
  const site = headers['sec-fetch-site']?.toString();
  const isOwn = origin === undefined ? site === 'same-origin' : origin === browser.origin;
  if (!isOwn || (site !== undefined && site !== 'same-origin')) return foreignOrigin;
  return hasBody(headers) && isFormType(headers['content-type']) ? formSent : undefined;
}

function hasBody(headers: RequestFacts['headers']): boolean {
  const length = headers['content-length'] ?? '0';
  return headers['transfer-encoding'] !== undefined || !/^0+$/.test(length);
}

function isFormType(type: string | undefined): boolean {
  const name = type?.split(';')[0]?.trim().toLowerCase();
  return name === undefined || formTypes.has(name);
}

const foreignOrigin: Problem = {
  code: 'origin_not_allowed',
  detail:
    'The request does not come from the pages of this console. If a proxy is in front of Usher, it must keep the header Host, and be named in USHER_TRUST_PROXY.',
};

const formSent: Problem = {
  code: 'origin_not_allowed',
  detail: 'The console takes no forms: send the body as application/json.',
};
