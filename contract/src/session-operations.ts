/**
 * The routes of the console's sign-in. They take the session cookie and no token. All routes of
 * administration with a permission are also below `/console/api/v1`, for a user instead of a token.
 */
import Type from 'typebox';
import type { Operation } from './operation.ts';
import { closed } from './schema-parts.ts';
import {
  confirmationSchema,
  linkSchema,
  oidcAnswerSchema,
  ownSessionsSchema,
  passwordChangeSchema,
  sessionSchema,
  signInSchema,
  totpRequestSchema,
  totpSchema,
} from './session-schema.ts';
import { sessionId } from './user-schema.ts';

const shared = { tag: 'Console', limit: 'none' } as const;
const open = { ...shared, access: 'open' } as const;
const signedIn = { ...shared, access: 'session' } as const;
const session = {
  description: 'The session.',
  schema: sessionSchema,
  headers: ['Cache-Control', 'Set-Cookie'],
} as const;
const done = { description: 'Done.', headers: ['Set-Cookie'] } as const;
const signInProblems = [
  'sign_in_failed',
  'session_insecure',
  'origin_not_allowed',
  'rate_limited',
  'storage_full',
  'store_unavailable',
] as const;
const writeProblems = ['origin_not_allowed', 'storage_full', 'store_unavailable'] as const;

export const getSession = {
  ...signedIn,
  id: 'getSession',
  method: 'GET',
  path: '/console/api/session',
  summary: 'Show who is signed in',
  answers: { 200: session },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const signIn = {
  ...open,
  id: 'signIn',
  method: 'POST',
  path: '/console/api/session',
  summary: 'Sign in with a password',
  body: signInSchema,
  answers: { 200: session },
  problems: [...signInProblems],
} as const satisfies Operation;

export const signOut = {
  ...open,
  id: 'signOut',
  method: 'DELETE',
  path: '/console/api/session',
  summary: 'Sign out',
  answers: { 204: done },
  problems: [...writeProblems],
} as const satisfies Operation;

export const takeLink = {
  ...open,
  id: 'takeLink',
  method: 'POST',
  path: '/console/api/session/link',
  summary: 'Sign in with a link that works once',
  body: linkSchema,
  answers: { 200: session },
  problems: [...signInProblems, 'definition_invalid', 'name_taken'],
} as const satisfies Operation;

export const startOidc = {
  ...open,
  id: 'startOidc',
  method: 'GET',
  path: '/console/api/session/oidc',
  summary: 'Go to the OpenID provider to sign in',
  description:
    'If somebody is signed in in this browser, the provider asks again who it is. That confirms it.',
  answers: { 302: { description: 'The provider.', headers: ['Location', 'Set-Cookie'] } },
  problems: ['sign_in_failed', 'session_insecure', 'route_unknown'],
} as const satisfies Operation;

export const showOidcCallback = {
  ...open,
  id: 'showOidcCallback',
  method: 'GET',
  path: '/console/api/session/oidc/callback',
  summary: 'Come back from the OpenID provider',
  description: 'A page that sends what the provider answered to the route that signs in.',
  answers: { 200: { description: 'A page.', mediaType: 'text/html; charset=utf-8' } },
  problems: ['route_unknown'],
} as const satisfies Operation;

export const finishOidc = {
  ...open,
  id: 'finishOidc',
  method: 'POST',
  path: '/console/api/session/oidc',
  summary: "Sign in with the OpenID provider's answer",
  body: oidcAnswerSchema,
  answers: { 200: session },
  problems: [...signInProblems, 'route_unknown'],
} as const satisfies Operation;

export const confirmSession = {
  ...signedIn,
  id: 'confirmSession',
  method: 'POST',
  path: '/console/api/session/confirm',
  summary: 'Confirm who is signed in, for 5 minutes',
  description: 'With a second factor, only a code of it confirms.',
  body: confirmationSchema,
  answers: { 200: session },
  problems: ['sign_in_failed', 'definition_invalid', 'rate_limited', ...writeProblems],
} as const satisfies Operation;

export const changePassword = {
  ...signedIn,
  id: 'changePassword',
  method: 'PUT',
  path: '/console/api/session/password',
  summary: 'Change the own password',
  description: 'Ends all other sessions of the user, and gives this one a new cookie.',
  body: passwordChangeSchema,
  answers: { 200: session },
  problems: [
    ...(['sign_in_failed', 'rate_limited', 'definition_invalid'] as const),
    ...(['confirmation_required', ...writeProblems] as const),
  ],
} as const satisfies Operation;

export const changeTotp = {
  ...signedIn,
  id: 'changeTotp',
  method: 'PUT',
  path: '/console/api/session/totp',
  summary: 'Set up a second factor',
  description:
    'Without a code: makes a secret and shows it once. With a code of that secret: from now on signing in needs a code.',
  body: totpRequestSchema,
  needsConfirmation: true,
  answers: {
    200: { description: 'The second factor.', schema: totpSchema, headers: ['Cache-Control'] },
  },
  problems: ['sign_in_failed', 'definition_invalid', 'confirmation_required', ...writeProblems],
} as const satisfies Operation;

export const removeTotp = {
  ...signedIn,
  id: 'removeTotp',
  method: 'DELETE',
  path: '/console/api/session/totp',
  summary: 'Remove the second factor',
  needsConfirmation: true,
  answers: { 204: done },
  problems: ['confirmation_required', ...writeProblems],
} as const satisfies Operation;

export const listOwnSessions = {
  ...signedIn,
  id: 'listOwnSessions',
  method: 'GET',
  path: '/console/api/sessions',
  summary: 'List the own sessions',
  answers: { 200: { description: 'The sessions.', schema: ownSessionsSchema } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const endOwnSession = {
  ...signedIn,
  id: 'endOwnSession',
  method: 'DELETE',
  path: '/console/api/sessions/{id}',
  summary: 'End one of the own sessions',
  params: Type.Object({ id: sessionId }, closed),
  answers: { 204: done },
  problems: ['resource_not_found', ...writeProblems],
} as const satisfies Operation;
