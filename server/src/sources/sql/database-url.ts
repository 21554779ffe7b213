/**
 * The URL of a database, as its secret holds it: where it is, who asks, and how the way there is
 * protected. No part of it goes into a message.
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { SecretReference } from '../../domain/dataset/dataset-definition.ts';
import type { UsherError } from '../../domain/errors.ts';
import { invalidSource } from '../source-failure.ts';

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** `false`: in the clear. */
  readonly tls: ConnectionOptions | false;
}

export interface DatabaseKind {
  /** For people. */
  readonly product: string;
  readonly schemes: readonly string[];
  readonly port: number;
}

const knownParameters = ['sslmode', 'sslrootcert', 'host'];
const tlsModes = ['disable', 'require', 'verify-full'];

/**
 * `scheme://user:password@host:port/database?sslmode=...`. Without `sslmode` the server's
 * certificate is verified, unless it is on this machine.
 * @throws UsherError `definition_invalid`, naming the reference alone
 */
export function readDatabaseUrl(
  text: string,
  kind: DatabaseKind,
  reference: SecretReference,
): DatabaseAddress {
  const refuse = (why: string) => invalidSource(`The secret ${reference} ${why}.`);
  const form = `must be a URL as ${kind.schemes[0]}://user:password@host:${kind.port}/database`;
  if (!URL.canParse(text)) throw refuse(form);
  const url = new URL(text);
  if (!kind.schemes.includes(url.protocol.slice(0, -1))) throw refuse(form);
  const unknown = [...url.searchParams.keys()].filter((name) => !knownParameters.includes(name));
  if (unknown.length > 0) {
    throw refuse(`has a parameter that is not known; known are ${knownParameters.join(', ')}`);
  }
  const host = url.searchParams.get('host') ?? decode(url.hostname).replace(/^\[|\]$/g, '');
  const database = decode(url.pathname.slice(1));
  if (host === '' || url.username === '' || database === '' || database.includes('/')) {
    throw refuse(form);
  }
  return {
    host,
    port: url.port === '' ? kind.port : Number(url.port),
    user: decode(url.username),
    password: decode(url.password),
    database,
    tls: readTls(url, host, refuse),
  };
}

function readTls(
  url: URL,
  host: string,
  refuse: (why: string) => UsherError,
): ConnectionOptions | false {
  const isHere = host.startsWith('/') || host === 'localhost' || /^(?:127\.|::1$)/.test(host);
  const mode = url.searchParams.get('sslmode') ?? (isHere ? 'disable' : 'verify-full');
  if (!tlsModes.includes(mode))
    throw refuse(`has an sslmode that is none of ${tlsModes.join(', ')}`);
  if (mode === 'disable') return false;
  const root = url.searchParams.get('sslrootcert');
  return {
    rejectUnauthorized: mode !== 'require',
    ...(root !== null && { ca: readRoot(root, refuse) }),
  };
}

function readRoot(path: string, refuse: (why: string) => UsherError): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw refuse('names an sslrootcert that cannot be read');
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
