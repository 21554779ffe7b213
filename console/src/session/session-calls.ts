/** The calls of the session API. */
import { send } from '../api/call.ts';
import type { OwnSession, Session, Totp } from './session-shape.ts';

const path = '/console/api/session';

/** @throws {ApiProblem} `session_required` if nobody is signed in */
export async function readSession(signal?: AbortSignal): Promise<Session> {
  return (await send(`GET ${path}`, {}, signal)) as Session;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code?: string;
  /** Missing: the first one. */
  readonly organization?: string;
}

/** @throws {ApiProblem} `sign_in_failed`; its member `code_required` asks for the second factor */
export async function signIn(credentials: Credentials): Promise<Session> {
  return (await send(`POST ${path}`, { body: credentials })) as Session;
}

export interface LinkRequest {
  readonly link: string;
  readonly password?: string;
  readonly name?: string;
  /** Only the first administrator chooses it. */
  readonly email?: string;
}

/** Takes a link that works once: of an invitation, a reset, or the first start. */
export async function takeLink(body: LinkRequest): Promise<Session> {
  return (await send(`POST ${path}/link`, { body })) as Session;
}

export async function signOut(): Promise<void> {
  await send(`DELETE ${path}`, {});
}

/** Where the organization's own sign-in begins. */
export const oidcPath = `${path}/oidc`;

/** Signs in again for five minutes, as what cannot be undone needs. */
export async function confirmSession(secret: {
  readonly password?: string;
  readonly code?: string;
}): Promise<void> {
  await send(`POST ${path}/confirm`, { body: secret });
}

/** Ends the user's other sessions. `password` is missing if the user had none. */
export async function changePassword(body: {
  readonly password?: string;
  readonly new_password: string;
}): Promise<Session> {
  return (await send(`PUT ${path}/password`, { body })) as Session;
}

/** Without a code: makes a secret. With a code of it: turns the second factor on. */
export async function changeTotp(body: { readonly code?: string }): Promise<Totp> {
  return (await send(`PUT ${path}/totp`, { body })) as Totp;
}

export async function removeTotp(): Promise<void> {
  await send(`DELETE ${path}/totp`, {});
}

export async function listOwnSessions(signal?: AbortSignal): Promise<readonly OwnSession[]> {
  const { data } = (await send('GET /console/api/sessions', {}, signal)) as {
    readonly data: readonly OwnSession[];
  };
  return data;
}

export async function endOwnSession(id: string): Promise<void> {
  await send('DELETE /console/api/sessions/{id}', { params: { id } });
}
