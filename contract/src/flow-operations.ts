/** The routes of flows, exclusion groups and the global holdout. */
import Type from 'typebox';
import { maxDefinitionNameLength } from './bounds.ts';
import {
  exclusionGroupChangeSchema,
  exclusionGroupSchema,
  flowChangeSchema,
  flowSchema,
  globalHoldoutChangeSchema,
  globalHoldoutSchema,
  newFlowSchema,
} from './flow-schema.ts';
import type { Operation } from './operation.ts';
import { pageQuerySchema, pageSchema } from './page-schema.ts';
import { closed, planId, text } from './schema-parts.ts';

const shared = { tag: 'Administration', limit: 'administration' } as const;
const reading = { ...shared, access: 'admin:read' } as const;
const writing = { ...shared, access: 'admin:write' } as const;
const ruleProblems = ['definition_invalid', 'rule_invalid', 'definition_cycle'] as const;
const writeProblems = ['storage_full', 'store_unavailable'] as const;
const changing = { headers: ['If-Match', 'X-Request-Id'] } as const;

const flowParams = Type.Object(
  { id: text('The id of the flow.', 9, { pattern: '^[1-9][0-9]{0,8}$', examples: ['142309'] }) },
  closed,
);
const groupParams = Type.Object(
  { name: text('The name of the group.', maxDefinitionNameLength, { minLength: 1 }) },
  closed,
);

const planQuery = Type.Object({ plan: Type.Optional(planId) }, closed);

export const listFlows = {
  ...reading,
  id: 'listFlows',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/flows',
  summary: 'List the flows',
  description: 'By id. A token with lists sees none, because rules name fields.',
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('FlowPage', 'Flow') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const createFlow = {
  ...writing,
  id: 'createFlow',
  permission: 'definitions:write',
  method: 'POST',
  path: '/admin/v1/flows',
  summary: 'Create a flow',
  description: 'A new flow is a draft, unless the request says otherwise.',
  body: newFlowSchema,
  headers: ['X-Request-Id'],
  answers: { 201: { description: 'The flow.', schema: flowSchema, headers: ['Location'] } },
  problems: [...ruleProblems, 'name_taken', ...writeProblems],
} as const satisfies Operation;

export const getFlow = {
  ...reading,
  id: 'getFlow',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/flows/{id}',
  summary: 'Show a flow',
  params: flowParams,
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: { 200: { description: 'The flow.', schema: flowSchema, headers: ['ETag'] } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const updateFlow = {
  ...writing,
  ...changing,
  id: 'updateFlow',
  permission: 'definitions:write',
  method: 'PATCH',
  path: '/admin/v1/flows/{id}',
  summary: 'Change a flow',
  description:
    'What is not given stays. A change of weights moves as few slots as possible, unless the request gives the slots. A variant of a live flow cannot be renamed or removed.',
  params: flowParams,
  body: flowChangeSchema,
  answers: { 200: { description: 'The changed flow.', schema: flowSchema, headers: ['ETag'] } },
  problems: [
    ...ruleProblems,
    ...(['approval_required', 'name_taken', 'precondition_failed', 'resource_not_found'] as const),
    ...writeProblems,
  ],
} as const satisfies Operation;

export const deleteFlow = {
  ...writing,
  id: 'deleteFlow',
  permission: 'definitions:write',
  method: 'DELETE',
  path: '/admin/v1/flows/{id}',
  summary: 'Remove a flow',
  description: 'No rule and no exclusion group may use it. Its id is never given to another flow.',
  params: flowParams,
  headers: ['If-Match', 'X-Request-Id'],
  answers: { 204: { description: 'Removed.' } },
  problems: ['definition_in_use', 'precondition_failed', 'resource_not_found', ...writeProblems],
} as const satisfies Operation;

export const listFlowEdits = {
  ...reading,
  id: 'listFlowEdits',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/flows/{id}/history',
  summary: 'List the edits of a flow',
  description: 'Newest first: who changed what, and when. Also of a flow that was removed.',
  params: flowParams,
  query: pageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('DefinitionEditPage', 'DefinitionEdit') },
  },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const listExclusionGroups = {
  ...reading,
  id: 'listExclusionGroups',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/exclusion-groups',
  summary: 'List the exclusion groups',
  description: 'By name. A token with lists sees none.',
  query: pageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('ExclusionGroupPage', 'ExclusionGroup') },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const getExclusionGroup = {
  ...reading,
  id: 'getExclusionGroup',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/exclusion-groups/{name}',
  summary: 'Show an exclusion group',
  params: groupParams,
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: { 200: { description: 'The group.', schema: exclusionGroupSchema, headers: ['ETag'] } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const putExclusionGroup = {
  ...writing,
  ...changing,
  id: 'putExclusionGroup',
  permission: 'definitions:write',
  method: 'PUT',
  path: '/admin/v1/exclusion-groups/{name}',
  summary: 'Create or change an exclusion group',
  description: 'What is not given stays. As few slots as possible move.',
  params: groupParams,
  body: exclusionGroupChangeSchema,
  answers: { 200: { description: 'The group.', schema: exclusionGroupSchema, headers: ['ETag'] } },
  problems: [
    ...(['approval_required', 'definition_invalid', 'precondition_failed'] as const),
    'resource_not_found',
    ...writeProblems,
  ],
} as const satisfies Operation;

export const deleteExclusionGroup = {
  ...writing,
  id: 'deleteExclusionGroup',
  permission: 'definitions:write',
  method: 'DELETE',
  path: '/admin/v1/exclusion-groups/{name}',
  summary: 'Remove an exclusion group',
  description: 'Its flows stay. A contact can then be in several of them.',
  params: groupParams,
  query: planQuery,
  headers: ['If-Match', 'X-Request-Id'],
  answers: { 204: { description: 'Removed.' } },
  problems: ['approval_required', 'precondition_failed', 'resource_not_found', ...writeProblems],
} as const satisfies Operation;

export const getGlobalHoldout = {
  ...reading,
  id: 'getGlobalHoldout',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/global-holdout',
  summary: 'Show the global holdout',
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: {
    200: { description: 'The holdout.', schema: globalHoldoutSchema, headers: ['ETag'] },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const updateGlobalHoldout = {
  ...writing,
  ...changing,
  id: 'updateGlobalHoldout',
  permission: 'definitions:write',
  method: 'PATCH',
  path: '/admin/v1/global-holdout',
  summary: 'Change the global holdout',
  description: 'What is not given stays. 0 percent ends it.',
  body: globalHoldoutChangeSchema,
  answers: {
    200: { description: 'The changed holdout.', schema: globalHoldoutSchema, headers: ['ETag'] },
  },
  problems: [
    ...(['approval_required', 'definition_invalid', 'precondition_failed'] as const),
    ...writeProblems,
  ],
} as const satisfies Operation;
