/** The audit log: who changed what, and who looked at what. */
import Type from 'typebox';
import { auditKinds } from './audit-words.ts';
import { exportFormat } from './export-schema.ts';
import { exportCursor, pageQuery } from './page-schema.ts';
import { closed, integer, text, time, word } from './schema-parts.ts';

const maxActor = 200;

const filters = {
  kind: Type.Optional(
    word(
      'Only changes, or only reads: searches, looks, previews and exports. If missing: both.',
      auditKinds,
    ),
  ),
  actor: Type.Optional(
    text('Only entries of this actor, such as token:4fK2mXw9Q1zT, or of a kind: token.', maxActor, {
      minLength: 1,
    }),
  ),
  action: Type.Optional(
    text('Only this action, such as token.create, or all actions on an object: token.', 100, {
      pattern: '^[a-z_]{1,50}(\\.[a-z_]{1,49})?$',
      examples: ['token.create'],
    }),
  ),
  target: Type.Optional(
    text('Only entries whose target contains this text, in upper or lower case.', 200, {
      minLength: 1,
    }),
  ),
  since: Type.Optional(time('Only entries of then or later.')),
  until: Type.Optional(time('Only entries of then or earlier.')),
};

export const auditQuerySchema = Type.Object({ ...pageQuery, ...filters }, closed);

export const auditExportSchema = Type.Object(
  { format: exportFormat, cursor: exportCursor, ...filters },
  { ...closed, $id: 'AuditExport' },
);

export const auditEntrySchema = Type.Object(
  {
    id: integer('Grows with each entry.', { min: 1, max: Number.MAX_SAFE_INTEGER }),
    at: time('When it was done.'),
    actor: text('Who did it: operator:<name> or token:<id>.', maxActor),
    action: text('An object and a verb.', 100, { examples: ['token.create'] }),
    target: text('The name or the id of what was changed or shown.', 4_096),
    before: Type.Unknown({
      description: 'What it was, without secrets and values of contacts; null: it did not exist.',
    }),
    after: Type.Unknown({
      description: 'What it is since then, in the same form; null: it no longer exists.',
    }),
  },
  { $id: 'AuditEntry' },
);
