/** Requests of people about their data, receipts, and the document of an export. */
import Type from 'typebox';
import {
  definitionIdRange,
  maxAmendedFields,
  maxDefinitionNameLength,
  maxErasedIdentities,
  maxFieldsPerOrganization,
  maxIdentitiesPerContact,
  maxNameLength,
  maxSegmentsPerOrganization,
  maxVariantNameLength,
} from './bounds.ts';
import { contactIdentitiesSchema, joinSchema, maxClaims } from './join-schema.ts';
import { identity } from './lookup-schema.ts';
import { closed, fieldName, integer, list, nullable, text, time, word } from './schema-parts.ts';

/** All identities of 10,000 contacts. */
const maxSubjects = maxErasedIdentities * maxIdentitiesPerContact;

const kinds = ['erase', 'export', 'amend', 'lift'] as const;
const states = ['received', 'running', 'done', 'failed'] as const;

export const privacyRequestId = text('The id of the request, a UUID.', 36, {
  pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
});
export const privacyKind = word('What the request asks for.', kinds);
export const privacyState = word(
  'received: no process has begun with it. running: a process works on it, or goes on with it soon. done and failed: it has ended.',
  states,
);

const values = (description: string) =>
  Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), {
    description,
    maxProperties: maxAmendedFields,
    examples: [{ first_name: 'Tom' }],
  });

export const newPrivacyRequestSchema = Type.Object(
  {
    kind: word(
      'erase: remove the contacts of identities, and keep them out. amend: give a contact values that count over those of sources. lift: let an erased identity come back.',
      ['erase', 'amend', 'lift'],
    ),
    identity: Type.Optional(identity),
    identities: Type.Optional(
      Type.Array(identity, {
        minItems: 1,
        maxItems: maxErasedIdentities,
        description: 'For erase, instead of identity: up to 10,000 identities.',
      }),
    ),
    fields: Type.Optional(values('For amend: the values by field; null for no value.')),
    lift: Type.Optional(
      Type.Array(fieldName('A field.'), {
        maxItems: maxAmendedFields,
        description: 'For amend: fields whose amended values end.',
      }),
    ),
  },
  { ...closed, $id: 'NewPrivacyRequest' },
);

const digest = text('32 hexadecimal digits.', 32, { pattern: '^[0-9a-f]{32}$' });
const counts = (description: string) =>
  Type.Record(
    Type.String({ maxLength: 64 }),
    integer('How many.', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    { description, maxProperties: 50 },
  );
const organization = text('The name of the organization.', maxNameLength);

export const receiptSchema = Type.Object(
  {
    version: Type.Literal(1),
    request_id: privacyRequestId,
    organization,
    kind: word('What was done.', ['erase']),
    received_at: time('When the request was received.'),
    ended_at: time('When everything was removed.'),
    key_id: text('The key of the digests and of mac.', 16, { pattern: '^[0-9a-f]{16}$' }),
    counts: counts('What was removed, by kind.'),
    subjects: list(digest, maxSubjects, 'Keyed digests of the erased identities.'),
    mac: text('Proves that the holder of the key wrote the receipt.', 64, {
      pattern: '^[0-9a-f]{64}$',
    }),
  },
  { ...closed, $id: 'PrivacyReceipt' },
);

const requestMembers = {
  id: privacyRequestId,
  kind: privacyKind,
  state: privacyState,
  received_at: time('When it was received.'),
  ended_at: nullable(time('When it ended; null: it has not.')),
  counts: nullable(counts('What was removed, changed or exported, by kind; null until it ends.')),
  failure: nullable(
    text('Why it failed: a code of the problem table, or interrupted. null: it did not.', 64),
  ),
};
const actor = text('Who asked: operator:<name> or token:<id>.', 200);

export const privacyRequestSchema = Type.Object(
  { ...requestMembers, actor },
  { $id: 'PrivacyRequest' },
);

export const wholePrivacyRequestSchema = Type.Object(
  {
    ...{ ...requestMembers, actor },
    subjects: list(digest, maxSubjects, 'Keyed digests of the identities that it was about.'),
    receipt: nullable(Type.Ref('PrivacyReceipt')),
  },
  { $id: 'WholePrivacyRequest' },
);

export const exportRequestSchema = Type.Object({ identity }, { ...closed, $id: 'ExportRequest' });

export const verificationRequestSchema = Type.Object(
  { receipt: receiptSchema },
  { ...closed, $id: 'VerificationRequest' },
);

const count = (description: string) => integer(description, { min: 0, max: maxSubjects });

export const verificationSchema = Type.Object(
  {
    is_valid: Type.Boolean({
      description: 'Whether the receipt is genuine, and nobody of it has come back.',
    }),
    mac: word(
      'key_missing: the data folder does not have the key that signed the receipt. other_organization: the receipt is genuine, but belongs to another organization.',
      ['valid', 'invalid', 'key_missing', 'other_organization'],
    ),
    subjects: count('Identities of the receipt.'),
    suppressed: count('Those that are on the suppression list.'),
    lifted: count('Those that were taken off the list on purpose since.'),
    missing: count('Those that are neither.'),
    found: count('Those that contacts have, without the lifted ones.'),
  },
  { $id: 'Verification' },
);

/** More joins or requests than one person ever has. */
const maxHistory = 100_000;

const anyValue = Type.Unsafe<unknown>({
  anyOf: [
    // Sources send every character in values, U+0000 too.
    { type: 'string', maxLength: 65_536, pattern: '^[\\s\\S]*$' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'array', maxItems: 10_000, items: {} },
    { type: 'object', additionalProperties: true, maxProperties: 100 },
    { type: 'null' },
  ],
});
const dataset = nullable(
  text('The dataset; null: it no longer exists.', 64, { pattern: '^[a-z][a-z0-9_]{0,63}$' }),
);
const exportedValue = Type.Object(
  {
    field: nullable(
      text('The field; null: it no longer exists.', 64, { pattern: '^[a-z][a-z0-9_]{0,63}$' }),
    ),
    value: anyValue,
    dataset,
    as_of: nullable(time('How old the value is; null: unknown.')),
    amended: Type.Boolean({ description: 'Whether a person corrected the value.' }),
    source_value: anyValue,
  },
  closed,
);
const definitionId = integer('Its id.', definitionIdRange);
const definitionName = text('Its name.', maxDefinitionNameLength, { minLength: 1 });
const identityOfKey = contactIdentitiesSchema.properties.identities.items.properties.identity;
const exportedRow = Type.Object(
  {
    dataset,
    key: Type.Union([identityOfKey, Type.Null()], { description: 'The key of the row.' }),
    as_of: nullable(time('How old its values are; null: unknown.')),
    values: list(
      Type.Object({ field: exportedValue.properties.field, value: anyValue }, closed),
      maxFieldsPerOrganization,
      'Its values.',
    ),
  },
  closed,
);
const columnValue = Type.Unsafe<string | number>({
  anyOf: [{ type: 'string', maxLength: 65_536, pattern: '^[\\s\\S]*$' }, { type: 'number' }],
});
const exportedReport = Type.Object(
  {
    kind: word('What the contact was in.', ['flow', 'segment', 'campaign', 'journey']),
    dataset,
    key: Type.Union([identityOfKey, Type.Null()], {
      description: 'The key of the row; null: not noted, as all rows of the contact had one key.',
    }),
    reported_at: nullable(time('When the run began that reported it; null: no run did.')),
    at: nullable(
      text(
        'Since when it counts, a time or a date: as the row says, or else the time of its run. null: always.',
        40,
      ),
    ),
    ended: Type.Boolean({ description: 'Whether it ended the membership.' }),
    columns: Type.Record(Type.String({ maxLength: 64 }), columnValue, {
      description: 'What the row reported, by the columns of its feed, without empty ones.',
      maxProperties: 20,
    }),
  },
  closed,
);
const exportedEarlierRow = Type.Object(
  {
    ...exportedRow.properties,
    as_of: nullable(
      time(
        'When the run or push began that brought the row; of a row that a later run rejected, how old its values were by then. null: unknown.',
      ),
    ),
    identities: list(
      identityOfKey,
      maxClaims,
      'The identities that the row named. Empty if the run did not change them.',
    ),
    reports: list(
      exportedReport,
      maxHistory,
      'Of a row that reports memberships: every report of the contact by then.',
    ),
  },
  closed,
);
const { contact_id: _, other_ids, identities } = contactIdentitiesSchema.properties;
const explained = identities.items.properties;
const joined = joinSchema.properties;

/** Changes of this schema need a new `version`, unless they only add members. */
export const privacyExportSchema = Type.Object(
  {
    version: Type.Literal(1),
    request_id: privacyRequestId,
    organization,
    exported_at: time('When it was exported.'),
    contact_id: nullable(
      text('The id of the contact, a UUID; null: no contact has the identity.', 36),
    ),
    other_ids,
    identities: list(
      Type.Object(
        {
          identity: explained.identity,
          leads_here: explained.leads_here,
          claims: list(
            explained.claims.items,
            maxClaims,
            'The rows of the contact that name the identity.',
          ),
        },
        closed,
      ),
      255,
      'The identities of the contact, and those that its rows name without effect.',
    ),
    joins: list(
      Type.Object(
        {
          ...{ entry: joined.entry, kind: joined.kind, at: joined.at, dataset: joined.dataset },
          ...{ pairs: joined.pairs, identity: joined.identity, taken_back: joined.taken_back },
        },
        closed,
      ),
      maxHistory,
      'What joined and parted the contact, the newest first. Identities of other contacts are null.',
    ),
    datasets: list(
      Type.Object({ dataset, as_of: nullable(time('How old its row is; null: unknown.')) }, closed),
      maxClaims,
      'Datasets that have a row of the contact, and lists that mark it.',
    ),
    values: list(exportedValue, maxFieldsPerOrganization, 'Every value of the contact.'),
    hidden_rows: list(
      exportedRow,
      maxClaims,
      'Rows that do not answer, because a newer row of their dataset does.',
    ),
    earlier_rows: list(
      exportedEarlierRow,
      maxHistory,
      'Rows as they were before a run: rollback data of the last 7 days.',
    ),
    amendments: list(
      Type.Object(
        {
          key: exportedRow.properties.key,
          field: exportedValue.properties.field,
          value: anyValue,
          at: time('When it was amended.'),
        },
        closed,
      ),
      maxHistory,
      'Every value that a person set. Of several of one field, the newest counts.',
    ),
    other_rows: list(
      Type.Object({ dataset, rows: integer('How many.', { min: 0, max: maxHistory }) }, closed),
      maxClaims,
      'How many rows of other people name an identity of this document.',
    ),
    memberships: Type.Object(
      {},
      {
        additionalProperties: true,
        maxProperties: 20,
        description:
          'What was reported and has not ended, by built-in field: lists of flows, journeys, campaigns and segments.',
      },
    ),
    reports: list(
      exportedReport,
      maxHistory,
      'Every report of a membership that is kept: also what ended, and what look-ups do not show.',
    ),
    computed: Type.Object(
      {
        fields: list(
          Type.Object({ field: fieldName('The computed field.'), value: anyValue }, closed),
          maxFieldsPerOrganization,
          'The computed fields with a value.',
        ),
        segments: list(
          Type.Object({ id: definitionId, name: definitionName }, closed),
          maxSegmentsPerOrganization,
          'The segments that the contact is in.',
        ),
        flows: list(
          Type.Object(
            {
              ...{ id: definitionId, name: definitionName },
              variant: nullable(text('The variant; null: none.', maxVariantNameLength)),
            },
            closed,
          ),
          maxSegmentsPerOrganization,
          'The live flows that follow a segment, with the contact in them.',
        ),
      },
      {
        ...closed,
        description:
          'What rules compute of the contact at the moment of the export. Nothing of it is stored.',
      },
    ),
    requests: list(
      Type.Object(requestMembers, closed),
      maxHistory,
      'Earlier privacy requests about the person, the newest first.',
    ),
  },
  { ...closed, $id: 'PrivacyExport' },
);
