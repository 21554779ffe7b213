/** The routes of segments and computed fields. */
import Type from 'typebox';
import {
  computedFieldChangeSchema,
  newComputedFieldSchema,
  newSegmentSchema,
  segmentChangeSchema,
  segmentSchema,
} from './definition-schema.ts';
import { fieldSchema } from './field-schema.ts';
import { type Operation, showingContacts } from './operation.ts';
import { pageQuerySchema, pageSchema } from './page-schema.ts';
import { previewRequestSchema, previewStepSchema, segmentPreviewSchema } from './preview-schema.ts';
import { closed, fieldName, text } from './schema-parts.ts';

const shared = { tag: 'Administration', limit: 'administration' } as const;
const reading = { ...shared, access: 'admin:read' } as const;
const writing = { ...shared, access: 'admin:write' } as const;
const ruleProblems = ['definition_invalid', 'rule_invalid', 'definition_cycle'] as const;
const previewProblems = [...ruleProblems, 'overloaded', 'rules_too_costly'] as const;
const writeProblems = ['storage_full', 'store_unavailable'] as const;

const segmentParams = Type.Object(
  { id: text('The id of the segment.', 9, { pattern: '^[1-9][0-9]{0,8}$', examples: ['12'] }) },
  closed,
);
const fieldParams = Type.Object({ name: fieldName('The name of the computed field.') }, closed);
const forceQuery = Type.Object(
  {
    force: Type.Optional(
      Type.Boolean({ description: 'Remove the field even if tokens have recently read it.' }),
    ),
  },
  closed,
);

const edits = {
  description: 'Newest first: who changed what, and when.',
  query: pageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('DefinitionEditPage', 'DefinitionEdit') },
  },
  problems: ['resource_not_found', 'store_unavailable'],
} as const;

export const listSegments = {
  ...reading,
  id: 'listSegments',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/segments',
  summary: 'List the segments',
  description: 'By id. A token with lists sees none, because rules name fields.',
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('SegmentPage', 'Segment') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const createSegment = {
  ...writing,
  id: 'createSegment',
  permission: 'definitions:write',
  method: 'POST',
  path: '/admin/v1/segments',
  summary: 'Create a segment',
  body: newSegmentSchema,
  headers: ['X-Request-Id'],
  answers: {
    201: { description: 'The segment.', schema: segmentSchema, headers: ['Location'] },
  },
  problems: [...ruleProblems, 'name_taken', ...writeProblems],
} as const satisfies Operation;

export const previewSegment = {
  ...reading,
  contactAccess: 'contacts:read',
  id: 'previewSegment',
  ...showingContacts,
  permission: 'definitions:read',
  method: 'POST',
  path: '/admin/v1/segments/preview',
  summary: 'Count who is in a segment',
  description:
    'Estimates how many contacts a segment or a rule contains, from contacts drawn at random, and shows some of them. With exact, counts all contacts, clause by clause. Closing the connection ends the work. The token needs admin:read and contacts:read, no list of fields, and no dataset of its own.',
  body: previewRequestSchema,
  answers: { 200: { description: 'The counts.', schema: segmentPreviewSchema } },
  problems: [...previewProblems, 'resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const followPreview = {
  ...reading,
  contactAccess: 'contacts:read',
  id: 'followPreview',
  ...showingContacts,
  permission: 'definitions:read',
  method: 'POST',
  path: '/admin/v1/segments/preview/steps',
  summary: 'Count who is in a segment, with progress',
  description:
    'Does the same as previewSegment, and answers a JSON object on each line while it works. Closing the connection ends the work.',
  body: previewRequestSchema,
  answers: {
    200: {
      description: 'The steps, one on each line.',
      mediaType: 'application/x-ndjson; charset=utf-8',
      schema: previewStepSchema,
    },
  },
  problems: [...previewProblems, 'resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const getSegment = {
  ...reading,
  id: 'getSegment',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/segments/{id}',
  summary: 'Show a segment',
  params: segmentParams,
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: { 200: { description: 'The segment.', schema: segmentSchema, headers: ['ETag'] } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const updateSegment = {
  ...writing,
  id: 'updateSegment',
  permission: 'definitions:write',
  method: 'PATCH',
  path: '/admin/v1/segments/{id}',
  summary: 'Change a segment',
  description: 'What is not given stays. Look-ups follow the new rule within a second.',
  params: segmentParams,
  body: segmentChangeSchema,
  headers: ['If-Match', 'X-Request-Id'],
  answers: {
    200: { description: 'The changed segment.', schema: segmentSchema, headers: ['ETag'] },
  },
  problems: [
    ...ruleProblems,
    ...(['approval_required', 'name_taken', 'precondition_failed', 'resource_not_found'] as const),
    ...writeProblems,
  ],
} as const satisfies Operation;

export const deleteSegment = {
  ...writing,
  id: 'deleteSegment',
  permission: 'definitions:write',
  method: 'DELETE',
  path: '/admin/v1/segments/{id}',
  summary: 'Remove a segment',
  description: 'No rule may use it. Its id is never given to another segment.',
  params: segmentParams,
  headers: ['If-Match', 'X-Request-Id'],
  answers: { 204: { description: 'Removed.' } },
  problems: ['definition_in_use', 'precondition_failed', 'resource_not_found', ...writeProblems],
} as const satisfies Operation;

export const listSegmentEdits = {
  ...reading,
  ...edits,
  id: 'listSegmentEdits',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/segments/{id}/history',
  summary: 'List the edits of a segment',
  description: 'Newest first: who changed what, and when. Also of a segment that was removed.',
  params: segmentParams,
} as const satisfies Operation;

export const listComputedFields = {
  ...reading,
  id: 'listComputedFields',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/computed-fields',
  summary: 'List the computed fields',
  description: 'A token with lists sees none here, because rules name other fields.',
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('FieldPage', 'Field') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const createComputedField = {
  ...writing,
  id: 'createComputedField',
  permission: 'definitions:write',
  method: 'POST',
  path: '/admin/v1/computed-fields',
  summary: 'Create a computed field',
  description:
    'Without a type, the field gets the type of its rule. It is content and a condition, unless the request says otherwise.',
  body: newComputedFieldSchema,
  headers: ['X-Request-Id'],
  answers: { 201: { description: 'The field.', schema: fieldSchema, headers: ['Location'] } },
  problems: [...ruleProblems, 'name_taken', ...writeProblems],
} as const satisfies Operation;

export const getComputedField = {
  ...reading,
  id: 'getComputedField',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/computed-fields/{name}',
  summary: 'Show a computed field',
  params: fieldParams,
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: { 200: { description: 'The field.', schema: fieldSchema, headers: ['ETag'] } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const updateComputedField = {
  ...writing,
  id: 'updateComputedField',
  permission: 'definitions:write',
  method: 'PATCH',
  path: '/admin/v1/computed-fields/{name}',
  summary: 'Change a computed field',
  description: 'What is not given stays.',
  params: fieldParams,
  body: computedFieldChangeSchema,
  headers: ['If-Match', 'X-Request-Id'],
  answers: { 200: { description: 'The changed field.', schema: fieldSchema, headers: ['ETag'] } },
  problems: [
    ...ruleProblems,
    ...(['approval_required', 'definition_in_use', 'precondition_failed'] as const),
    ...(['resource_not_found', 'name_taken'] as const),
    ...writeProblems,
  ],
} as const satisfies Operation;

export const deleteComputedField = {
  ...writing,
  id: 'deleteComputedField',
  permission: 'definitions:write',
  method: 'DELETE',
  path: '/admin/v1/computed-fields/{name}',
  summary: 'Remove a computed field',
  description: 'No rule may use it.',
  params: fieldParams,
  query: forceQuery,
  headers: ['If-Match', 'X-Request-Id'],
  answers: { 204: { description: 'Removed.' } },
  problems: [
    'approval_required',
    'definition_in_use',
    'precondition_failed',
    'resource_not_found',
    ...writeProblems,
  ],
} as const satisfies Operation;

export const listComputedFieldEdits = {
  ...reading,
  ...edits,
  id: 'listComputedFieldEdits',
  permission: 'definitions:read',
  method: 'GET',
  path: '/admin/v1/computed-fields/{name}/history',
  summary: 'List the edits of a computed field',
  params: fieldParams,
} as const satisfies Operation;
