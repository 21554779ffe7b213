/** The routes of administration that show what happened and what happens. They change nothing. */
import Type from 'typebox';
import {
  accessDaysSchema,
  accessEntrySchema,
  accessExportSchema,
  accessQuerySchema,
  accessStateSchema,
} from './access-schema.ts';
import { auditEntrySchema, auditExportSchema, auditQuerySchema } from './audit-schema.ts';
import { eventDataSchema } from './event-schema.ts';
import { exportEndSchema } from './export-schema.ts';
import type { Operation } from './operation.ts';
import { overviewSchema } from './overview-schema.ts';
import { pageSchema } from './page-schema.ts';
import { usagePageSchema, usageQuerySchema } from './usage-schema.ts';

const reading = {
  tag: 'Administration',
  limit: 'administration',
  access: 'admin:read',
  method: 'GET',
} as const;

export const listAudit = {
  ...reading,
  id: 'listAudit',
  permission: 'audit:read',
  path: '/admin/v1/audit',
  summary: 'List the audit log',
  description:
    'Newest first. A page can have few entries, even none, while more follow. The token needs no list of fields, and no dataset of its own.',
  query: auditQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('AuditPage', 'AuditEntry') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

const exported = {
  mediaType: 'application/x-ndjson; charset=utf-8',
  otherMediaTypes: ['text/csv; charset=utf-8'],
} as const;

export const exportAudit = {
  ...reading,
  method: 'POST',
  id: 'exportAudit',
  permission: 'audit:read',
  path: '/admin/v1/audit/export',
  summary: 'Export the audit log',
  description:
    'The entries that the filters match, newest first, at most 100,000. If more match, or if the export fails, the last line says so. The audit log notes each export as audit.export. The token needs no list of fields, and no dataset of its own.',
  body: auditExportSchema,
  headers: ['X-Request-Id'],
  answers: {
    200: {
      ...exported,
      description: 'The entries, one on each line.',
      schema: Type.Union([auditEntrySchema, exportEndSchema]),
    },
  },
  problems: ['storage_full', 'store_unavailable'],
} as const satisfies Operation;

export const listAccess = {
  ...reading,
  id: 'listAccess',
  permission: 'access:read',
  contactAccess: 'contacts:read',
  path: '/admin/v1/access-log',
  summary: 'List who looked at which contact',
  description:
    'Newest first. A call reads a bounded part of the log: a page can have few entries, even none, while more follow. The token needs admin:read and contacts:read, no list of fields, and no dataset of its own.',
  query: accessQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('AccessPage', 'AccessEntry') } },
  problems: [
    'identity_malformed',
    'identity_type_unknown',
    'identity_value_invalid',
    'identity_type_not_allowed',
    'store_unavailable',
  ],
} as const satisfies Operation;

export const exportAccess = {
  ...reading,
  method: 'POST',
  id: 'exportAccess',
  permission: 'access:read',
  contactAccess: 'contacts:read',
  path: '/admin/v1/access-log/export',
  summary: 'Export who looked at which contact',
  description:
    'The entries that the filters match, newest first, at most 100,000. If more match, or if the export fails, the last line says so. The audit log notes each export as access_log.export, without the contact. The token needs admin:read and contacts:read, no list of fields, and no dataset of its own.',
  body: accessExportSchema,
  headers: ['X-Request-Id'],
  answers: {
    200: {
      ...exported,
      description: 'The entries, one on each line.',
      schema: Type.Union([accessEntrySchema, exportEndSchema]),
    },
  },
  problems: [
    ...(['identity_malformed', 'identity_type_unknown', 'identity_value_invalid'] as const),
    ...(['identity_type_not_allowed', 'storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;

export const getAccessState = {
  ...reading,
  id: 'getAccessState',
  permission: 'access:read',
  path: '/admin/v1/access-log/state',
  summary: 'Show how long the access log reaches back, and whether it is whole',
  description:
    'The server checks the newest part of the log, at most once a minute. The token needs no list of fields, and no dataset of its own.',
  answers: { 200: { description: 'The state.', schema: accessStateSchema } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const countAccess = {
  ...reading,
  id: 'countAccess',
  permission: 'access:read',
  path: '/admin/v1/access-log/days',
  summary: 'Count the looks at contacts by day',
  description:
    'Looks of the last 30 days, of all contacts together. They are counted by hour as they are noted, so that a day begins at a full hour of UTC; the newest 10 seconds may be missing. The token needs no list of fields, and no dataset of its own.',
  answers: { 200: { description: 'The counts.', schema: accessDaysSchema } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const getOverview = {
  ...reading,
  id: 'getOverview',
  path: '/admin/v1/overview',
  permission: 'usage:read',
  summary: 'Show the state of the organization',
  description:
    'Look-ups now and in the last hour, the use of the limit by token, the freshness of each dataset, the last runs, and what waits for a decision. The token needs no list of fields, and no dataset of its own.',
  answers: { 200: { description: 'The overview.', schema: overviewSchema } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const followEvents = {
  ...reading,
  id: 'followEvents',
  path: '/admin/v1/events',
  permission: 'usage:read',
  summary: 'Follow what changes',
  description:
    'Server-sent events: the progress of runs, look-ups of the last seconds, and what to read again of the overview. The stream goes on until the client closes it, the token ends or the server stops; a client that reads too slowly is dropped. With Last-Event-ID it goes on after that event, or begins with reset. At most 64 streams for an organization and 256 for a server. The token needs no list of fields, and no dataset of its own.',
  headers: ['Last-Event-ID', 'X-Request-Id'],
  answers: {
    200: {
      description: 'The events.',
      mediaType: 'text/event-stream; charset=utf-8',
      schema: eventDataSchema,
    },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const listUsage = {
  ...reading,
  id: 'listUsage',
  path: '/admin/v1/usage',
  permission: 'usage:read',
  summary: 'List the usage of tokens',
  description:
    'Look-ups, units, statuses and latencies of each token by hour or day, the newest first; with details also the fields that were read and the clients that called. Kept for 30 days, and stored once a minute. A page ends with a whole period, so it can have more entries than limit. The token needs no list of fields, and no dataset of its own.',
  query: usageQuerySchema,
  answers: { 200: { description: 'A page.', schema: usagePageSchema } },
  problems: ['resource_not_found', 'token_ambiguous', 'store_unavailable'],
} as const satisfies Operation;
