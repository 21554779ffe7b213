/** The routes of administration that show and change users and their sessions. */
import Type from 'typebox';
import type { Operation } from './operation.ts';
import { pageQuerySchema, pageSchema } from './page-schema.ts';
import { closed } from './schema-parts.ts';
import {
  invitationSchema,
  linkedUserSchema,
  sessionId,
  userChangeSchema,
  userId,
  userSchema,
  userSessionSchema,
} from './user-schema.ts';

const shared = { tag: 'Administration', limit: 'administration' } as const;
const reading = { ...shared, access: 'admin:read', permission: 'users:read' } as const;
const writing = {
  ...shared,
  access: 'admin:write',
  permission: 'users:write',
  needsConfirmation: true,
} as const;
const userParams = Type.Object({ id: userId }, closed);
const sessionParams = Type.Object({ id: sessionId }, closed);
const writeProblems = ['storage_full', 'store_unavailable'] as const;

export const listUsers = {
  ...reading,
  id: 'listUsers',
  method: 'GET',
  path: '/admin/v1/users',
  summary: 'List the users',
  description: 'Includes invited and revoked users.',
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('UserPage', 'User') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const inviteUser = {
  ...writing,
  id: 'inviteUser',
  method: 'POST',
  path: '/admin/v1/users',
  summary: 'Invite a user',
  description:
    'The answer has a link that works once, within 7 days. Usher sends no e-mail: give the link to the user. A token can only give roles whose rights it has.',
  body: invitationSchema,
  headers: ['X-Request-Id'],
  answers: {
    201: {
      description: 'The user, with the link.',
      schema: linkedUserSchema,
      headers: ['Location', 'Cache-Control'],
    },
  },
  problems: ['definition_invalid', 'name_taken', ...writeProblems],
} as const satisfies Operation;

export const updateUser = {
  ...writing,
  id: 'updateUser',
  method: 'PATCH',
  path: '/admin/v1/users/{id}',
  summary: 'Change the name or the role of a user',
  description: 'The new role counts for every session of the user at once.',
  params: userParams,
  body: userChangeSchema,
  headers: ['X-Request-Id'],
  answers: { 200: { description: 'The changed user.', schema: userSchema } },
  problems: ['resource_not_found', 'definition_invalid', ...writeProblems],
} as const satisfies Operation;

export const resetUser = {
  ...writing,
  id: 'resetUser',
  method: 'POST',
  path: '/admin/v1/users/{id}/reset',
  summary: 'Let a user set a new password',
  description:
    'Ends the sessions of the user, and removes the password and the second factor. The answer has a link that works once, within a day.',
  params: userParams,
  answers: {
    200: {
      description: 'The user, with the link.',
      schema: linkedUserSchema,
      headers: ['Cache-Control'],
    },
  },
  problems: ['resource_not_found', 'definition_invalid', ...writeProblems],
} as const satisfies Operation;

export const revokeUser = {
  ...writing,
  id: 'revokeUser',
  method: 'DELETE',
  path: '/admin/v1/users/{id}',
  summary: 'Revoke a user',
  description:
    'Ends the sessions and links of the user at once. Revoking a user again changes nothing.',
  params: userParams,
  answers: { 200: { description: 'The user, revoked.', schema: userSchema } },
  problems: ['resource_not_found', 'definition_invalid', ...writeProblems],
} as const satisfies Operation;

export const listUserSessions = {
  ...reading,
  id: 'listUserSessions',
  method: 'GET',
  path: '/admin/v1/sessions',
  summary: 'List the sessions of all users',
  query: pageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('UserSessionPage', 'UserSession') },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const revokeUserSession = {
  ...writing,
  id: 'revokeUserSession',
  method: 'DELETE',
  path: '/admin/v1/sessions/{id}',
  summary: 'End a session of a user',
  params: sessionParams,
  answers: { 200: { description: 'The session, which has ended.', schema: userSessionSchema } },
  problems: ['resource_not_found', ...writeProblems],
} as const satisfies Operation;
