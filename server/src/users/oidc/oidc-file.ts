/** The file that says how users sign in with OpenID Connect (`USHER_OIDC`). */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { UsherError } from '../../domain/errors.ts';
import { roleNamed, roleWords } from '../../domain/user/role-scopes.ts';
import type { RoleName } from '../../domain/user/user.ts';
import { maxOidcFileBytes } from '../limits.ts';

export interface OidcOptions {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The name of the provider, for the button. */
  readonly name: string;
  /** The name of the organization whose users sign in. */
  readonly organization: string;
  readonly scope: string;
  /** The claim with the user's groups. */
  readonly groupsClaim: string;
  /** Whether an e-mail counts as verified if the provider does not say whether it is. */
  readonly trustEmails: boolean;
  /** Groups and their roles. The first group that a user has decides. */
  readonly roles: ReadonlyMap<string, RoleName>;
}

const texts = {
  issuer: undefined,
  client_id: undefined,
  client_secret: undefined,
  name: 'OpenID Connect',
  organization: 'default',
  scope: 'openid email profile',
  groups_claim: 'groups',
} as const;

const others: readonly string[] = ['roles', 'trust_emails'];

/** @throws UsherError `definition_invalid`. Its words never repeat a value */
export function readOidcFile(path: string): OidcOptions {
  const members = new Map(Object.entries(parseFile(path)));
  const textOf = (name: keyof typeof texts): string => {
    const value = members.get(name) ?? texts[name];
    if (typeof value === 'string' && value !== '') return value;
    throw wrong(path, `its member "${name}" must be a text`);
  };
  const unknown = [...members.keys()].find((name) => !others.includes(name) && !(name in texts));
  if (unknown !== undefined) {
    const known = [...Object.keys(texts), ...others].join(', ');
    throw wrong(path, `it has an unknown member. Its members are ${known}`);
  }
  return {
    issuer: issuerOf(path, textOf('issuer')),
    clientId: textOf('client_id'),
    clientSecret: textOf('client_secret'),
    name: textOf('name'),
    organization: textOf('organization'),
    scope: textOf('scope'),
    groupsClaim: textOf('groups_claim'),
    trustEmails: flagOf(path, 'trust_emails', members.get('trust_emails') ?? false),
    roles: rolesOf(path, members.get('roles') ?? {}),
  };
}

function parseFile(path: string): object {
  const text = readOwn(path);
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Said below: the parser's own words repeat parts of the text, which has a secret.
  }
  throw wrong(path, 'it is not a JSON object');
}

/** The bits of others who could change the file, and so send passwords elsewhere. */
const writableByOthers = 0o022;

function readOwn(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw wrong(path, 'it cannot be read', cause);
  }
  try {
    const { mode, size } = fstatSync(file);
    if ((mode & writableByOthers) !== 0) {
      throw wrong(path, `other accounts can write it. Run: chmod go-w ${path}`);
    }
    if (size > maxOidcFileBytes) throw wrong(path, `it has more than ${maxOidcFileBytes} bytes`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Only a provider on the same machine may do without TLS. */
function issuerOf(path: string, text: string): URL {
  const issuer = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = issuer?.protocol === 'http:' && /^(?:localhost|127\.)/.test(issuer.hostname);
  if (issuer !== undefined && (issuer.protocol === 'https:' || isLocal)) return issuer;
  throw wrong(path, 'its member "issuer" must be an https address');
}

function flagOf(path: string, name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw wrong(path, `its member "${name}" must be true or false`);
}

function rolesOf(path: string, value: unknown): ReadonlyMap<string, RoleName> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return new Map(
    entries.map(([group, name]) => {
      const role = roleNamed(name);
      if (role !== undefined) return [group, role];
      throw wrong(path, `its member "roles" may only name ${roleWords}`);
    }),
  );
}

function wrong(path: string, what: string, cause?: unknown): UsherError {
  const detail = `The file of USHER_OIDC, ${path}, is not right: ${what}.`;
  return new UsherError('definition_invalid', detail, { cause });
}
