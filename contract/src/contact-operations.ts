/** The routes of administration that show what joins contacts, and that join and part them. */

import { contactListQuerySchema } from './contact-list-schema.ts';
import { contactCandidatesSchema, contactSearchSchema } from './contact-search-schema.ts';
import { explainRequestSchema, explanationSchema } from './explain-schema.ts';
import {
  contactIdentitiesSchema,
  joinAnswerSchema,
  mergeRequestSchema,
  oneIdentitySchema,
  stormAnswerSchema,
  stormRequestSchema,
  unmergeRequestSchema,
} from './join-schema.ts';
import { type Operation, showingContacts } from './operation.ts';
import { pageQuerySchema, pageSchema } from './page-schema.ts';
import { revealedValueSchema, revealRequestSchema } from './reveal-schema.ts';

const shared = { tag: 'Administration', limit: 'administration' } as const;
const reading = { ...shared, access: 'admin:read', contactAccess: 'contacts:read' } as const;
const writing = {
  ...shared,
  access: 'admin:write',
  contactAccess: 'contacts:write',
  method: 'POST',
  headers: ['X-Request-Id'],
} as const;

const identityProblems = [
  ...(['identity_malformed', 'identity_type_unknown', 'identity_value_invalid'] as const),
  ...(['definition_invalid', 'contact_not_found'] as const),
] as const;
const writeProblems = ['definition_invalid', 'storage_full', 'store_unavailable'] as const;

export const explainContact = {
  ...reading,
  id: 'explainContact',
  ...showingContacts,
  permission: 'contacts:read',
  method: 'POST',
  path: '/admin/v1/contacts/identities',
  summary: 'Show the identities of a contact',
  description:
    'Which identities lead to the contact, which rows claim them, since when, and why claims have no effect. The token needs admin:read and contacts:read. With lists, it sees only what these allow. Each call is noted in the audit log.',
  body: oneIdentitySchema,
  answers: { 200: { description: 'The identities.', schema: contactIdentitiesSchema } },
  problems: [
    ...identityProblems,
    ...(['identity_type_not_allowed', 'storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;

export const explainEverything = {
  ...reading,
  id: 'explainEverything',
  ...showingContacts,
  permission: 'contacts:read',
  method: 'POST',
  path: '/admin/v1/contacts/explain',
  summary: 'Explain a contact',
  description:
    'Where each value comes from and what it overrode, what joined the identities, the truth and the inputs of each clause of every segment, the slots and steps of every flow that follows a segment, and, with token, what a look-up with that token answers and leaves out. The calling token needs admin:read and contacts:read, no list of fields, and no dataset of its own. Each call is noted in the audit log.',
  body: explainRequestSchema,
  answers: { 200: { description: 'The explanation.', schema: explanationSchema } },
  problems: [
    'rules_too_costly',
    ...identityProblems,
    ...(['identity_type_not_allowed', 'resource_not_found', 'token_ambiguous'] as const),
    ...(['storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;

export const searchContacts = {
  ...reading,
  id: 'searchContacts',
  ...showingContacts,
  permission: 'contacts:read',
  method: 'POST',
  path: '/admin/v1/contacts/search',
  summary: 'Find contacts by any identity',
  description:
    'Reads the query as an identity of every type that it fits, such as an e-mail address, a phone number or the id of another system, and answers up to 10 contacts. The token needs admin:read and contacts:read, and sees what its lists allow. Each call is noted in the audit log, without the query.',
  body: contactSearchSchema,
  answers: { 200: { description: 'The contacts found.', schema: contactCandidatesSchema } },
  problems: [
    ...(['identity_type_unknown', 'identity_value_invalid', 'definition_invalid'] as const),
    ...(['storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;

export const revealValue = {
  ...reading,
  permission: 'contacts:reveal',
  id: 'revealValue',
  ...showingContacts,
  method: 'POST',
  path: '/admin/v1/contacts/reveal',
  summary: 'Reveal a value',
  description:
    'One value of a contact that the console masks, with a reason. Users need a role that reveals; sensitive values need one that reveals these. A token needs admin:read and contacts:read, no list of fields, and no dataset of its own. The access log notes who, which field and why, and the audit log that it happened.',
  body: revealRequestSchema,
  answers: { 200: { description: 'The value.', schema: revealedValueSchema } },
  problems: [
    ...identityProblems,
    ...(['identity_type_not_allowed', 'resource_not_found', 'rules_too_costly'] as const),
    ...(['storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;

export const listContacts = {
  ...reading,
  id: 'listContacts',
  ...showingContacts,
  permission: 'contacts:list',
  method: 'GET',
  path: '/admin/v1/contacts',
  summary: 'List contacts',
  description:
    'By id, which is about the order of creation. With a segment only its members, and with a dataset only contacts that have a row in it. A page can have few contacts, even none, while more follow. All pages are as of the time of the first one, with the same definitions: if they change in between, the answer is revision_conflict. A cursor holds for 6 hours, with the same parameters. The token needs admin:read and contacts:read, and sees what its lists allow; with a list of fields or a dataset of its own it sees no segments.',
  query: contactListQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('ContactPage', 'ListedContact') },
  },
  problems: ['resource_not_found', 'revision_conflict', 'rules_too_costly', 'store_unavailable'],
} as const satisfies Operation;

export const listJoins = {
  ...reading,
  id: 'listJoins',
  ...showingContacts,
  permission: 'contacts:read',
  method: 'GET',
  path: '/admin/v1/contacts/joins',
  summary: 'List what joined and parted contacts',
  description:
    'Newest first. The token needs admin:read and contacts:read, no list of fields, and no dataset of its own.',
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('JoinPage', 'Join') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const mergeContacts = {
  ...writing,
  id: 'mergeContacts',
  permission: 'contacts:write',
  path: '/admin/v1/contacts/merge',
  summary: 'Join two contacts',
  description:
    'Joins the contacts of two identities, whatever rows say. The token needs admin:write and contacts:write, and no lists. The same holds for the other routes that join and part.',
  body: mergeRequestSchema,
  answers: { 200: { description: 'The entry of the log.', schema: joinAnswerSchema } },
  problems: [
    ...identityProblems,
    ...(['same_contact', 'identity_conflict', 'identity_limit'] as const),
    ...writeProblems,
  ],
} as const satisfies Operation;

export const unmergeContacts = {
  ...writing,
  id: 'unmergeContacts',
  permission: 'contacts:write',
  path: '/admin/v1/contacts/unmerge',
  summary: 'Take a merge or a join back',
  description:
    'Takes a merge back, or parts for good what rows joined. If other evidence joins the contacts, nothing changes: still_joined.',
  body: unmergeRequestSchema,
  answers: { 200: { description: 'The new entry of the log.', schema: joinAnswerSchema } },
  problems: ['resource_not_found', 'still_joined', ...writeProblems],
} as const satisfies Operation;

export const splitContact = {
  ...writing,
  id: 'splitContact',
  permission: 'contacts:write',
  path: '/admin/v1/contacts/split',
  summary: 'Part an identity from its contact',
  description:
    'Parts the identity, with the rows whose row key it is, from the other rows of its contact, for good.',
  body: oneIdentitySchema,
  answers: { 200: { description: 'The entry of the log.', schema: joinAnswerSchema } },
  problems: [...identityProblems, 'nothing_to_part', ...writeProblems],
} as const satisfies Operation;

export const partJoins = {
  ...writing,
  id: 'partJoins',
  permission: 'contacts:write',
  path: '/admin/v1/contacts/joins/unmerge',
  summary: 'Part the joins of a time',
  description:
    'Parts for good what rows joined in this time: for a source that named wrong identities. Sending it again parts what is left.',
  body: stormRequestSchema,
  answers: { 200: { description: 'How many joins were parted.', schema: stormAnswerSchema } },
  problems: ['resource_not_found', ...writeProblems],
} as const satisfies Operation;
