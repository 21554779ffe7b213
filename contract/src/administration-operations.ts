/** The routes of administration. A token sees and changes its own organization only. */
import Type from 'typebox';
import { fieldChangeSchema, fieldSchema } from './field-schema.ts';
import {
  identityTypeChangeSchema,
  identityTypeSchema,
  newIdentityTypeSchema,
} from './identity-type-schema.ts';
import type { Operation } from './operation.ts';
import { organizationChangeSchema, organizationSchema } from './organization-schema.ts';
import { pageQuerySchema, pageSchema, tokenPageQuerySchema } from './page-schema.ts';
import { closed, fieldName, identityTypeName, text } from './schema-parts.ts';
import {
  newTokenSchema,
  rotatedTokenSchema,
  rotationSchema,
  tokenRequestSchema,
  tokenSchema,
} from './token-schema.ts';

const shared = { tag: 'Administration', limit: 'administration' } as const;
const reading = { ...shared, access: 'admin:read' } as const;
const writing = { ...shared, access: 'admin:write' } as const;
const changing = { headers: ['If-Match', 'X-Request-Id'] } as const;
const changeProblems = ['definition_invalid', 'precondition_failed', 'storage_full'] as const;

const fieldParams = Type.Object({ name: fieldName('The name of the field.') }, closed);
const identityTypeParams = Type.Object(
  { name: identityTypeName('The name of the identity type.') },
  closed,
);
const tokenParams = Type.Object(
  {
    ref: text('The id of the token, its last 3 characters, or the e-mail of its creator.', 512, {
      examples: ['x9Z'],
    }),
  },
  closed,
);

export const getOrganization = {
  ...reading,
  id: 'getOrganization',
  permission: 'settings:read',
  method: 'GET',
  path: '/admin/v1/organization',
  summary: 'Show the organization and its settings',
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: {
    200: { description: 'The organization.', schema: organizationSchema, headers: ['ETag'] },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const updateOrganization = {
  ...writing,
  ...changing,
  id: 'updateOrganization',
  permission: 'settings:write',
  method: 'PATCH',
  path: '/admin/v1/organization',
  summary: "Change the organization's settings",
  description: 'The rate limit cannot be changed here: only operators change it.',
  body: organizationChangeSchema,
  answers: {
    200: {
      description: 'The changed organization.',
      schema: organizationSchema,
      headers: ['ETag'],
    },
  },
  problems: [...changeProblems, 'approval_required', 'definition_in_use', 'store_unavailable'],
} as const satisfies Operation;

export const listTokens = {
  ...reading,
  id: 'listTokens',
  permission: 'tokens:read',
  method: 'GET',
  path: '/admin/v1/tokens',
  summary: 'List the tokens',
  description: 'Includes expired tokens. The texts of tokens are never shown.',
  query: tokenPageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('TokenPage', 'Token') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const createToken = {
  ...writing,
  id: 'createToken',
  permission: 'tokens:write',
  needsConfirmation: true,
  method: 'POST',
  path: '/admin/v1/tokens',
  summary: 'Create a token',
  description:
    'Only this answer shows the token. The new token cannot have rights that the calling token does not have.',
  body: tokenRequestSchema,
  headers: ['X-Request-Id'],
  answers: {
    201: {
      description: 'The token.',
      schema: newTokenSchema,
      headers: ['Location', 'Cache-Control'],
    },
  },
  problems: ['definition_invalid', 'storage_full', 'store_unavailable'],
} as const satisfies Operation;

export const getToken = {
  ...reading,
  id: 'getToken',
  permission: 'tokens:read',
  method: 'GET',
  path: '/admin/v1/tokens/{ref}',
  summary: 'Show a token',
  params: tokenParams,
  answers: { 200: { description: 'The token.', schema: tokenSchema } },
  problems: ['resource_not_found', 'token_ambiguous', 'store_unavailable'],
} as const satisfies Operation;

export const revokeToken = {
  ...writing,
  id: 'revokeToken',
  permission: 'tokens:write',
  needsConfirmation: true,
  method: 'DELETE',
  path: '/admin/v1/tokens/{ref}',
  summary: 'Revoke a token',
  description: 'Every node refuses the token within a second. Revoking it again changes nothing.',
  params: tokenParams,
  answers: { 200: { description: 'The token, revoked.', schema: tokenSchema } },
  problems: ['resource_not_found', 'token_ambiguous', 'storage_full', 'store_unavailable'],
} as const satisfies Operation;

export const rotateToken = {
  ...writing,
  id: 'rotateToken',
  permission: 'tokens:write',
  needsConfirmation: true,
  method: 'POST',
  path: '/admin/v1/tokens/{ref}/rotate',
  summary: 'Replace a token',
  description:
    'Creates a new token with the same rights. The old one stays valid for the time in overlap.',
  params: tokenParams,
  body: rotationSchema,
  isBodyOptional: true,
  headers: ['X-Request-Id'],
  answers: {
    201: {
      description: 'The new token.',
      schema: rotatedTokenSchema,
      headers: ['Location', 'Cache-Control'],
    },
  },
  problems: [
    'resource_not_found',
    'token_ambiguous',
    'definition_invalid',
    'storage_full',
    'store_unavailable',
  ],
} as const satisfies Operation;

export const listIdentityTypes = {
  ...reading,
  id: 'listIdentityTypes',
  permission: 'fields:read',
  method: 'GET',
  path: '/admin/v1/identity-types',
  summary: 'List the identity types',
  query: pageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('IdentityTypePage', 'IdentityType') },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const createIdentityType = {
  ...writing,
  id: 'createIdentityType',
  permission: 'fields:write',
  method: 'POST',
  path: '/admin/v1/identity-types',
  summary: 'Create an identity type',
  body: newIdentityTypeSchema,
  headers: ['X-Request-Id'],
  answers: {
    201: { description: 'The identity type.', schema: identityTypeSchema, headers: ['Location'] },
  },
  problems: ['definition_invalid', 'name_taken', 'storage_full', 'store_unavailable'],
} as const satisfies Operation;

export const getIdentityType = {
  ...reading,
  id: 'getIdentityType',
  permission: 'fields:read',
  method: 'GET',
  path: '/admin/v1/identity-types/{name}',
  summary: 'Show an identity type',
  params: identityTypeParams,
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: {
    200: { description: 'The identity type.', schema: identityTypeSchema, headers: ['ETag'] },
  },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const updateIdentityType = {
  ...writing,
  ...changing,
  id: 'updateIdentityType',
  permission: 'fields:write',
  method: 'PATCH',
  path: '/admin/v1/identity-types/{name}',
  summary: 'Change the settings of an identity type',
  description:
    'Settings that are not given stay. A list of blocked values replaces the one before. After a change of `stable` or `blocked`, the next run of each dataset that uses the type reads every row again.',
  params: identityTypeParams,
  body: identityTypeChangeSchema,
  answers: {
    200: { description: 'The changed type.', schema: identityTypeSchema, headers: ['ETag'] },
  },
  problems: [...changeProblems, 'resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const deleteIdentityType = {
  ...writing,
  id: 'deleteIdentityType',
  permission: 'fields:write',
  method: 'DELETE',
  path: '/admin/v1/identity-types/{name}',
  summary: 'Remove an identity type',
  description:
    'Removes an identity type that the organization added. No dataset and no token may use it. Contacts keep their identities of this type, but these no longer find the contacts.',
  params: identityTypeParams,
  headers: ['If-Match', 'X-Request-Id'],
  answers: { 204: { description: 'Removed.' } },
  problems: [
    'definition_invalid',
    'precondition_failed',
    'resource_not_found',
    'storage_full',
    'store_unavailable',
  ],
} as const satisfies Operation;

export const listFields = {
  ...reading,
  id: 'listFields',
  permission: 'fields:read',
  method: 'GET',
  path: '/admin/v1/fields',
  summary: 'List the fields',
  description: 'Includes built-in fields.',
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('FieldPage', 'Field') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const listFieldReaders = {
  ...reading,
  id: 'listFieldReaders',
  permission: 'fields:read',
  method: 'GET',
  path: '/admin/v1/field-readers',
  summary: 'See which tokens read which fields',
  description:
    'Reads of the last 30 days by tokens that are live, by field, the newest first. A token needs to have no lists.',
  query: pageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('FieldReaderPage', 'FieldReader') },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const getField = {
  ...reading,
  id: 'getField',
  permission: 'fields:read',
  method: 'GET',
  path: '/admin/v1/fields/{name}',
  summary: 'Show a field',
  params: fieldParams,
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: { 200: { description: 'The field.', schema: fieldSchema, headers: ['ETag'] } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const updateField = {
  ...writing,
  ...changing,
  id: 'updateField',
  permission: 'fields:write',
  method: 'PATCH',
  path: '/admin/v1/fields/{name}',
  summary: 'Change a field',
  description: 'Look-ups show the change within a second.',
  params: fieldParams,
  body: fieldChangeSchema,
  answers: { 200: { description: 'The changed field.', schema: fieldSchema, headers: ['ETag'] } },
  problems: [
    ...changeProblems,
    ...(['approval_required', 'definition_in_use', 'resource_not_found'] as const),
    // Of a computed field, whose rule is checked again.
    ...(['rule_invalid', 'definition_cycle', 'name_taken', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;
