/** Warns when tokens would travel unencrypted: at start, in the log and in `usher doctor`. */
import { isIP } from 'node:net';
import { compileAddressList } from '../domain/token/address-list.ts';
import type { Settings } from './settings.ts';

const isLoopback = compileAddressList(['127.0.0.0/8', '::1/128']);

/** `undefined` if the server listens only on loopback, serves TLS or is behind a trusted proxy. */
export function exposureWarning(
  settings: Pick<Settings, 'host' | 'tlsCertificate' | 'trustProxy'>,
): string | undefined {
  const { host, tlsCertificate, trustProxy } = settings;
  const staysInside = isIP(host) === 0 ? host === 'localhost' : isLoopback(host);
  if (staysInside || tlsCertificate !== null || trustProxy.length > 0) return undefined;
  return (
    `Listening on ${host} without TLS: tokens and contacts travel in the clear. ` +
    'Set USHER_TLS_CERT and USHER_TLS_KEY, or name the proxy that does TLS in USHER_TRUST_PROXY.'
  );
}
