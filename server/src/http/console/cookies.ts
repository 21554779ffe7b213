/**
 * The two cookies of the console: of the session, and of a browser that is known. With TLS their
 * names begin with `__Host-`, so that no other host and no path can set them (RFC 6265bis).
 */
import { headLine } from '../answer.ts';

export type CookieKind = 'session' | 'device';

const secretPattern = /^[0-9A-Za-z]{43}$/;

/** Seconds: 90 days (`deviceMemoryMs` in `users/limits.ts`). The server ends sessions earlier. */
const deviceSeconds = 90 * 86_400;

function cookieName(kind: CookieKind, isTls: boolean): string {
  return isTls ? `__Host-usher-${kind}` : `usher-${kind}`;
}

/** The secret in the cookie. A cookie that is sent twice counts as none: one is somebody else's. */
export function readCookie(
  header: string | undefined,
  kind: CookieKind,
  isTls: boolean,
): string | undefined {
  const name = `${cookieName(kind, isTls)}=`;
  const parts = (header ?? '').split(';').map((part) => part.trim());
  const found = parts.filter((part) => part.startsWith(name));
  const secret = found.length === 1 ? found[0]?.slice(name.length) : undefined;
  return secret !== undefined && secretPattern.test(secret) ? secret : undefined;
}

/** The header line that sets a cookie, or removes it without a secret. */
export function setCookie(kind: CookieKind, isTls: boolean, secret: string | undefined): string {
  const age = secret === undefined ? '; Max-Age=0' : kindAge(kind);
  const secure = isTls ? '; Secure' : '';
  const value = `${cookieName(kind, isTls)}=${secret ?? ''}`;
  return headLine('Set-Cookie', `${value}; Path=/; HttpOnly; SameSite=Lax${age}${secure}`);
}

/** Of the sign-in with OpenID Connect that is under way: encrypted, and at most this long. */
const oidcPattern = /^[0-9A-Za-z_-]{40,2000}$/;
const oidcSeconds = 600;

export function readOidcCookie(header: string | undefined, isTls: boolean): string | undefined {
  const name = `${oidcName(isTls)}=`;
  const parts = (header ?? '').split(';').map((part) => part.trim());
  const found = parts.filter((part) => part.startsWith(name));
  const kept = found.length === 1 ? found[0]?.slice(name.length) : undefined;
  return kept !== undefined && oidcPattern.test(kept) ? kept : undefined;
}

export function setOidcCookie(isTls: boolean, kept: string | undefined): string {
  const value = `${oidcName(isTls)}=${kept ?? ''}`;
  const age = kept === undefined ? 0 : oidcSeconds;
  const secure = isTls ? '; Secure' : '';
  const words = `${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${secure}`;
  return headLine('Set-Cookie', words);
}

function oidcName(isTls: boolean): string {
  return isTls ? '__Host-usher-oidc' : 'usher-oidc';
}

/** The cookie of a session ends with the browser, if the server does not end it before. */
function kindAge(kind: CookieKind): string {
  return kind === 'device' ? `; Max-Age=${deviceSeconds}` : '';
}
