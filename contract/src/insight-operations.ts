/** The routes of administration that show what happened and what happens. They change nothing. */
import { auditQuerySchema } from './audit-schema.ts';
import type { Operation } from './operation.ts';
import { pageSchema } from './page-schema.ts';

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
