/** The routes about the server itself. */
import Type from 'typebox';
import type { Operation } from './operation.ts';
import { text } from './schema-parts.ts';
import { liveSchema, readySchema } from './status-schema.ts';

const shared = { method: 'GET', tag: 'Server', limit: 'none' } as const;

export const getLive = {
  ...shared,
  id: 'getLive',
  path: '/livez',
  summary: 'Report whether the process is alive',
  access: 'open',
  answers: { 200: { description: 'The process is alive.', schema: liveSchema } },
  problems: [],
} as const satisfies Operation;

export const getReady = {
  ...shared,
  id: 'getReady',
  path: '/readyz',
  summary: 'Report whether the server accepts calls',
  description: 'The server accepts no calls while it starts or stops.',
  access: 'open',
  answers: { 200: { description: 'The server accepts calls.', schema: readySchema } },
  problems: ['starting'],
} as const satisfies Operation;

export const getMetrics = {
  ...shared,
  id: 'getMetrics',
  path: '/metrics',
  summary: 'Show the metrics of all workers, for Prometheus',
  description:
    'Needs a token with the scope admin:read. The port of USHER_METRICS_PORT needs no token.',
  access: 'admin:read',
  limit: 'administration',
  answers: {
    200: {
      description: 'Text exposition format 0.0.4.',
      mediaType: 'text/plain; version=0.0.4; charset=utf-8',
      schema: text('Metrics, one sample per line.', 10_000_000, { pattern: '^[\\s\\S]*$' }),
    },
  },
  problems: [],
} as const satisfies Operation;

export const getOpenapi = {
  ...shared,
  id: 'getOpenapi',
  path: '/openapi.json',
  summary: 'Show this document',
  description:
    "With a token, the document lists exactly those of the organization's fields and identity types that the token may use.",
  access: 'optional',
  limit: 'administration',
  headers: ['If-None-Match', 'X-Request-Id'],
  answers: {
    200: {
      description: 'OpenAPI 3.1.',
      schema: Type.Object({}, { description: 'An OpenAPI document.' }),
      headers: ['ETag'],
    },
  },
  problems: [],
} as const satisfies Operation;

export const getDocsIndex = {
  ...shared,
  id: 'getDocsIndex',
  path: '/docs/',
  summary: 'List the pages of the documentation',
  access: 'open',
  answers: { 200: { description: 'A page.', mediaType: 'text/html; charset=utf-8' } },
  problems: ['route_unknown'],
} as const satisfies Operation;

export const redirectRoot = {
  ...getDocsIndex,
  id: 'redirectRoot',
  path: '/',
  summary: 'Redirect a browser to the documentation',
  answers: { 302: { description: 'The documentation is at /docs/.', headers: ['Location'] } },
  problems: [],
} as const satisfies Operation;

export const redirectDocs = {
  ...getDocsIndex,
  id: 'redirectDocs',
  path: '/docs',
  summary: 'Redirect to the list of pages',
  answers: { 308: { description: 'The list is at /docs/.', headers: ['Location'] } },
  problems: [],
} as const satisfies Operation;

export const getDocsPage = {
  ...getDocsIndex,
  id: 'getDocsPage',
  path: '/docs/{page}',
  summary: 'Show a page of the documentation',
} as const satisfies Operation;

export const getDocsFolderPage = {
  ...getDocsIndex,
  id: 'getDocsFolderPage',
  path: '/docs/{folder}/{page}',
  summary: 'Show a page of the documentation that is in a folder',
} as const satisfies Operation;

export const getReferencePage = {
  ...shared,
  id: 'getReferencePage',
  path: '/docs/api',
  summary: 'Show the reference page of the API',
  access: 'open',
  answers: { 200: { description: 'A page.', mediaType: 'text/html; charset=utf-8' } },
  problems: [],
} as const satisfies Operation;

export const getReferenceScript = {
  ...shared,
  id: 'getReferenceScript',
  path: '/docs/api/reference.js',
  summary: 'Send the script of the reference page',
  access: 'open',
  answers: { 200: { description: 'The script.', mediaType: 'text/javascript; charset=utf-8' } },
  problems: [],
} as const satisfies Operation;
