/** A few contacts that a waiting run would change, with what the asker may see of them. */
import { type ContactCaller, requireScopes } from '../administration/contact/contact-caller.ts';
import { displayName, nameColumns } from '../administration/contact/display-name.ts';
import {
  contactIdView,
  type IdentityView,
  identityViews,
} from '../administration/contact/identity-view.ts';
import {
  ColumnValues,
  chosenColumns,
  type ListColumn,
} from '../administration/contact/list-columns.ts';
import { contactSubject, noteLook } from '../administration/contact/note-look.ts';
import { valueSightOf } from '../administration/contact/value-sight.ts';
import { walkMoment } from '../administration/contact/walk-moment.ts';
import { sightOf } from '../administration/token/actor-sight.ts';
import type { PlanExample } from '../domain/dataset/run-plan.ts';
import { seesField, seesIdentityType } from '../domain/token/token-sight.ts';
import { compiledDefinitionsOf } from '../membership/compiled-definitions.ts';
import { contactIdText } from '../stores/read-record.ts';
import type { ContactReader, KnownIdentity } from '../stores/store.ts';
import { readRun } from './read-runs.ts';

export interface ShownExample {
  /** `null` if the caller may not use ids of contacts. */
  readonly contact_id: string | null;
  readonly display_name: string | null;
  /** The first one that the caller may see. */
  readonly identity: IdentityView | null;
  readonly effect: PlanExample['effect'];
  readonly field: string | null;
  /** Whether there is a value that the caller does not see. */
  readonly masked: boolean;
  /** The value of now; `null` if it is masked. */
  readonly value: unknown;
}

/**
 * Contacts that are gone by now are left out. Notes each of the others in the access log.
 * @throws UsherError `scope_missing`, `resource_not_found`
 */
export async function listPlanExamples(
  caller: ContactCaller,
  reader: ContactReader,
  runId: string,
): Promise<readonly ShownExample[]> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  const { administration, organization } = caller;
  const organizationId = organization.organization.id;
  const { dataset } = await readRun({ administration, organizationId }, runId, 'admin:read');
  const run = await administration.catalog.read((view) => view.findRun(organizationId, runId));
  const examples = run?.plan?.examples ?? [];
  const shown = columnsFor(caller, { examples, dataset });
  const moment = await walkMoment(reader, organization, administration.clock());
  const values = new ColumnValues(compiledDefinitionsOf(organization), shown.columns, moment);
  const queries = examples.map((example) => ({
    organizationId,
    identity: { typeId: 0, digest: Buffer.from(example.contactId, 'hex') },
    parts: { ...values.parts, identities: true },
    example,
  }));
  const found = await reader.readContacts(
    queries,
    (contact, { example }): FoundExample => ({
      ...{ example, contactId: contactIdText(contact.record.bytes) },
      ...{ identities: contact.identities, values: values.read(contact) },
    }),
  );
  return found.flatMap((one) => (one === undefined ? [] : [viewExample(caller, one, shown)]));
}

interface FoundExample {
  readonly example: PlanExample;
  readonly contactId: string;
  readonly identities: readonly KnownIdentity[];
  /** JSON, by column. */
  readonly values: readonly string[];
}

interface ShownColumns {
  readonly columns: readonly ListColumn[];
  /** How many of them make the name. They come first. */
  readonly nameCount: number;
}

/** What makes a name, then the fields of the examples whose values the caller sees. */
function columnsFor(
  caller: ContactCaller,
  { examples, dataset }: { readonly examples: readonly PlanExample[]; readonly dataset: string },
): ShownColumns {
  const { administration, organization } = caller;
  const lists = sightOf(administration.actor);
  const sees = valueSightOf(administration.actor, organization);
  const names = new Set(examples.map(({ field }) => field));
  const own = [...organization.fields.values()]
    .filter((field) => names.has(field.name) && seesField(lists, field.name, dataset))
    .filter((field) => sees(field))
    .map((field): ListColumn => ({ name: field.name, type: field.type, field }));
  const naming = nameColumns(chosenColumns(caller, null));
  const others = own.filter(({ name }) => naming.every((one) => one.name !== name));
  return { columns: [...naming, ...others], nameCount: naming.length };
}

function viewExample(
  caller: ContactCaller,
  { example, contactId, identities, values }: FoundExample,
  { columns, nameCount }: ShownColumns,
): ShownExample {
  const { administration, organization } = caller;
  const lists = sightOf(administration.actor);
  const show = identityViews(organization, lists);
  const names = columns.slice(0, nameCount).map(({ name }) => name);
  const place = columns.findIndex(({ name }) => name === example.field);
  const fields = [...names, ...(place < 0 ? [] : [example.field ?? ''])];
  const digest = Buffer.from(contactId, 'hex');
  noteLook(caller, { subject: contactSubject(digest), way: 'list', fields });
  return {
    contact_id: seesIdentityType(lists, 'id') ? contactIdView(digest) : null,
    display_name: displayName(values.slice(0, nameCount)),
    identity: identities.map(show).find((view) => view !== null) ?? null,
    ...{ effect: example.effect, field: example.field },
    masked: example.field !== null && place < 0,
    value: place < 0 ? null : JSON.parse(values[place] ?? 'null'),
  };
}
