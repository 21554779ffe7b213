/** The routes of datasets and their runs. Only operators can set a source other than `push`. */
import Type from 'typebox';
import {
  datasetChangeSchema,
  datasetSchema,
  datasetTrialSchema,
  definedDatasetSchema,
} from './dataset-schema.ts';
import { datasetStatusSchema } from './dataset-status-schema.ts';
import { exportEndSchema } from './export-schema.ts';
import type { Operation } from './operation.ts';
import { pageQuerySchema, pageSchema } from './page-schema.ts';
import {
  planExamplesSchema,
  rejectionExportSchema,
  rejectionPageSchema,
  rejectionQuerySchema,
  rejectionSchema,
  runListQuerySchema,
  runSchema,
  runStartSchema,
} from './run-schema.ts';
import { closed, text } from './schema-parts.ts';

const shared = { tag: 'Administration', limit: 'administration' } as const;
const reading = { ...shared, access: 'admin:read' } as const;
const writing = { ...shared, access: 'admin:write' } as const;

const params = Type.Object(
  { name: text('The name of the dataset.', 64, { pattern: '^[a-z][a-z0-9_]{0,63}$' }) },
  closed,
);
const runParams = Type.Object(
  { id: text('The id of the run.', 64, { pattern: '^[A-Za-z0-9_-]{1,64}$' }) },
  closed,
);
const forceQuery = Type.Object(
  {
    force: Type.Optional(
      Type.Boolean({
        description: 'Remove the dataset even if tokens have recently read its fields.',
      }),
    ),
  },
  closed,
);

const lossProblems = [
  ...(['definition_invalid', 'approval_required', 'definition_in_use'] as const),
  ...(['storage_full', 'store_unavailable'] as const),
] as const;

export const listDatasets = {
  ...reading,
  id: 'listDatasets',
  permission: 'datasets:read',
  method: 'GET',
  path: '/admin/v1/datasets',
  summary: 'List the datasets',
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('DatasetPage', 'Dataset') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const getDataset = {
  ...reading,
  id: 'getDataset',
  permission: 'datasets:read',
  method: 'GET',
  path: '/admin/v1/datasets/{name}',
  summary: 'Show a dataset',
  params,
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: { 200: { description: 'The dataset.', schema: datasetSchema, headers: ['ETag'] } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const putDataset = {
  ...writing,
  id: 'putDataset',
  permission: 'datasets:write',
  method: 'PUT',
  path: '/admin/v1/datasets/{name}',
  summary: 'Define a dataset',
  description:
    'Creates the dataset or replaces its definition. Sending the same definition again changes nothing. Fields that the new definition does not name are dropped. With If-None-Match: * it only creates.',
  params,
  body: datasetChangeSchema,
  isBodyJudged: true,
  headers: ['If-Match', 'If-None-Match', 'X-Request-Id'],
  answers: {
    200: { description: 'The dataset.', schema: definedDatasetSchema, headers: ['ETag'] },
  },
  problems: [...lossProblems, 'precondition_failed', 'resource_not_found'],
} as const satisfies Operation;

export const validateDataset = {
  ...writing,
  id: 'validateDataset',
  permission: 'datasets:write',
  method: 'POST',
  path: '/admin/v1/datasets/{name}/validate',
  summary: 'Check a definition',
  description:
    'Changes nothing. Reports the faults of the definition, its differences from the current one, and which fields in use it would affect.',
  params,
  body: datasetChangeSchema,
  isBodyJudged: true,
  headers: ['X-Request-Id'],
  answers: { 200: { description: 'The definition is valid.', schema: datasetTrialSchema } },
  problems: [
    ...(['definition_invalid', 'definition_in_use', 'resource_not_found'] as const),
    ...(['storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;

export const deleteDataset = {
  ...writing,
  id: 'deleteDataset',
  permission: 'datasets:write',
  method: 'DELETE',
  path: '/admin/v1/datasets/{name}',
  summary: 'Remove a dataset',
  description:
    'Removes the fields of the dataset too. Contacts must have no values of the dataset: `usher dataset remove` clears them first.',
  params,
  query: forceQuery,
  headers: ['If-Match', 'X-Request-Id'],
  answers: { 204: { description: 'Removed.' } },
  problems: [...lossProblems, 'precondition_failed', 'resource_not_found'],
} as const satisfies Operation;

export const listDatasetVersions = {
  ...reading,
  id: 'listDatasetVersions',
  permission: 'datasets:read',
  method: 'GET',
  path: '/admin/v1/datasets/{name}/versions',
  summary: 'List the commits of a dataset',
  description: 'Newest first.',
  params,
  query: pageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('DatasetVersionPage', 'DatasetVersion') },
  },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const listDatasetStatus = {
  ...reading,
  permission: 'datasets:read',
  id: 'listDatasetStatus',
  method: 'GET',
  path: '/admin/v1/dataset-status',
  summary: 'See how the datasets are',
  description: 'How fresh each is, its last run, its schedule, and the run that waits.',
  query: pageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('DatasetStatusPage', 'DatasetStatus') },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

const scheduling = {
  ...writing,
  permission: 'datasets:write',
  method: 'POST',
  params,
  headers: ['X-Request-Id'],
  answers: { 200: { description: 'The dataset.', schema: datasetStatusSchema } },
  problems: ['resource_not_found', 'definition_invalid', 'storage_full', 'store_unavailable'],
} as const;

export const pauseSchedule = {
  ...scheduling,
  id: 'pauseSchedule',
  path: '/admin/v1/datasets/{name}/pause',
  summary: 'Pause the schedule of a dataset',
  description: 'The scheduler starts no run of the dataset until the schedule is resumed.',
} as const satisfies Operation;

export const resumeSchedule = {
  ...scheduling,
  id: 'resumeSchedule',
  path: '/admin/v1/datasets/{name}/resume',
  summary: 'Resume the schedule of a dataset',
  description: 'One run makes up for all times that were missed.',
} as const satisfies Operation;

export const listDatasetRuns = {
  ...reading,
  id: 'listDatasetRuns',
  permission: 'datasets:read',
  method: 'GET',
  path: '/admin/v1/datasets/{name}/runs',
  summary: 'List the runs of a dataset',
  description: 'Newest first.',
  params,
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('RunPage', 'Run') } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const listRuns = {
  ...reading,
  id: 'listRuns',
  permission: 'datasets:read',
  method: 'GET',
  path: '/admin/v1/runs',
  summary: 'List runs',
  description:
    'Of all datasets, or of one, newest first. Without dataset, the token needs no list of fields, and no dataset of its own.',
  query: runListQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('RunListPage', 'Run') } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const startRun = {
  ...writing,
  id: 'startRun',
  permission: 'datasets:write',
  method: 'POST',
  path: '/admin/v1/datasets/{name}/runs',
  summary: 'Start a run of a dataset',
  description:
    'Syncs the dataset from its source now; a dataset whose source is upload, from the file that the body names, or from the one that waits for it. The answer comes as soon as the run has begun. Ask for the run by its id to see how it ends. While a run goes on, a second start is refused: run_in_progress.',
  params,
  body: runStartSchema,
  isBodyOptional: true,
  headers: ['X-Request-Id'],
  answers: {
    202: { description: 'The run that has begun.', schema: runSchema, headers: ['Location'] },
  },
  problems: [
    ...(['resource_not_found', 'definition_invalid', 'run_in_progress', 'overloaded'] as const),
    ...(['storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;

export const getRun = {
  ...reading,
  id: 'getRun',
  permission: 'datasets:read',
  method: 'GET',
  path: '/admin/v1/runs/{id}',
  summary: 'Show a run',
  params: runParams,
  answers: { 200: { description: 'The run.', schema: runSchema } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const listRunRejections = {
  ...reading,
  permission: 'datasets:read',
  id: 'listRunRejections',
  method: 'GET',
  path: '/admin/v1/runs/{id}/rejections',
  summary: 'List the rejected rows of a run',
  description:
    'In the order of the rows: row, column, code and reason, never a value. The list has at most 100,000 rows; the run counts all of them.',
  params: runParams,
  query: rejectionQuerySchema,
  answers: { 200: { description: 'A page.', schema: rejectionPageSchema } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const exportRunRejections = {
  ...reading,
  permission: 'datasets:read',
  id: 'exportRunRejections',
  method: 'POST',
  path: '/admin/v1/runs/{id}/rejections/export',
  summary: 'Export the rejected rows of a run',
  description:
    'The whole list as a file: row, column, code and reason, never a value. It has at most 100,000 rows; if the run rejected more, or if the export fails, the last line says so. Cells of CSV that a spreadsheet would run get an apostrophe in front.',
  params: runParams,
  body: rejectionExportSchema,
  headers: ['X-Request-Id'],
  answers: {
    200: {
      mediaType: 'application/x-ndjson; charset=utf-8',
      otherMediaTypes: ['text/csv; charset=utf-8'],
      description: 'The rows, one on each line.',
      schema: Type.Union([rejectionSchema, exportEndSchema]),
    },
  },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const listPlanExamples = {
  ...reading,
  contactAccess: 'contacts:read',
  permission: 'datasets:read',
  showsContacts: true,
  id: 'listPlanExamples',
  method: 'GET',
  path: '/admin/v1/runs/{id}/examples',
  summary: 'Show contacts that a waiting run would change',
  description:
    'At most 5, with the value of now and what would become of it. A run that does not wait has none. Users see values that their role allows. Each contact is noted in the access log. The token needs admin:read and contacts:read.',
  params: runParams,
  headers: ['Usher-Actor', 'X-Request-Id'],
  answers: { 200: { description: 'The contacts.', schema: planExamplesSchema } },
  problems: ['resource_not_found', 'storage_full', 'store_unavailable'],
} as const satisfies Operation;

const deciding = {
  ...writing,
  method: 'POST',
  params: runParams,
  headers: ['X-Request-Id'],
  answers: { 200: { description: 'The run.', schema: runSchema } },
  problems: ['resource_not_found', 'revision_conflict', 'storage_full', 'store_unavailable'],
} as const;

export const approveRun = {
  ...deciding,
  id: 'approveRun',
  permission: 'runs:approve',
  path: '/admin/v1/runs/{id}/approve',
  summary: 'Approve a waiting run',
  description: 'Records the approval. The server’s scheduler then applies the run.',
} as const satisfies Operation;

export const rollBackRun = {
  ...deciding,
  id: 'rollBackRun',
  permission: 'runs:approve',
  path: '/admin/v1/runs/{id}/rollback',
  summary: 'Roll back the last run of a dataset',
  description:
    'Restores the values that contacts had before the run, pauses the schedule of the dataset, and answers when the rollback is done. Only the last run of a dataset that changed something can be rolled back, also one that broke off, which keeps its state. A second rollback changes nothing.',
  problems: [...deciding.problems, 'run_in_progress'],
} as const satisfies Operation;

export const rejectRun = {
  ...deciding,
  id: 'rejectRun',
  permission: 'runs:approve',
  path: '/admin/v1/runs/{id}/reject',
  summary: 'Reject a waiting run',
} as const satisfies Operation;
