/** Parses the URL of a database. No part of the URL appears in a message: it holds a password. */
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
  /** `false`: no TLS. */
  readonly tls: ConnectionOptions | false;
}

export interface DatabaseKind {
  readonly schemes: readonly string[];
  readonly port: number;
}

const knownParameters = ['sslmode', 'sslrootcert', 'host'];
const tlsModes = ['disable', 'require', 'verify-full'];

/**
 * Parses `scheme://user:password@host:port/database?sslmode=...`. Without `sslmode` the server's
 * certificate is verified, except on this machine.
 * @throws UsherError `definition_invalid`
 */
export function readDatabaseUrl(
  text: string,
  kind: DatabaseKind,
  reference: SecretReference,
): DatabaseAddress {
  const refuse = (why: string) => invalidSource(`The secret ${reference} ${why}.`);
  const form = `must be a URL like ${kind.schemes[0]}://user:password@host:${kind.port}/database`;
  if (!URL.canParse(text)) throw refuse(form);
  const url = new URL(text);
  if (!kind.schemes.includes(url.protocol.slice(0, -1))) throw refuse(form);
  const unknown = [...url.searchParams.keys()].filter((name) => !knownParameters.includes(name));
  if (unknown.length > 0) {
    throw refuse(`has an unknown parameter. The known ones are ${knownParameters.join(', ')}`);
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
    throw refuse(`has an unknown sslmode. The known ones are ${tlsModes.join(', ')}`);
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
