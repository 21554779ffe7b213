/** Creates the demo's own organization and its contacts. Each start replaces the demo's token. */
import type { Administration } from '../../administration/administration.ts';
import {
  type DatasetWithFields,
  defineDataset,
} from '../../administration/dataset/define-dataset.ts';
import { createOrganization, listOrganizations } from '../../administration/organizations.ts';
import { createToken, listTokens, revokeToken } from '../../administration/token/tokens.ts';
import { composeWriter } from '../../compose.ts';
import { identityDigest } from '../../domain/contact/identity.ts';
import { usualDefinition } from '../../domain/dataset/dataset-definition.ts';
import { maxRowsPerBatch } from '../../domain/limits.ts';
import { packMemberships } from '../../domain/membership/membership.ts';
import type { Settings } from '../../settings/settings.ts';
import { encodeSection } from '../../stores/contact-codec.ts';
import type { ContactChange, KnownIdentity } from '../../stores/store.ts';
import { withReader } from '../with-administration.ts';
import { type DemoContact, demoContacts, demoFields } from './demo-contacts.ts';

const organizationName = 'demo';
const datasetName = 'crm';
const tokenName = 'demo';
const tokenCreator = 'demo@example.com';

/**
 * Names this version of the demo's data. Change it together with the data: data that is already
 * applied under this name is not applied again.
 */
const demoBaseline = 'demo-1';
const emailTypeId = 1;

/** @returns the text of the demo's new token */
export async function makeDemo(
  administration: Administration,
  settings: Settings,
): Promise<string> {
  const organizationId = await demoOrganization(administration);
  const defined = await defineDataset(administration, organizationId, {
    name: datasetName,
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'email_address' }],
      columns: demoFields.map(({ name }) => ({ column: name, field: name })),
      format: { kind: 'demo' },
    },
    fields: new Map(demoFields.map(({ name, type }) => [name, { type }])),
  });
  await writeContacts(settings, { organizationId, asOfMs: administration.clock() }, defined);
  return replaceToken(administration, organizationId);
}

async function demoOrganization(administration: Administration): Promise<number> {
  const known = (await listOrganizations(administration)).find(
    ({ name }) => name === organizationName,
  );
  return known?.id ?? (await createOrganization(administration, organizationName, {})).id;
}

async function writeContacts(
  settings: Settings,
  { organizationId, asOfMs }: { organizationId: number; asOfMs: number },
  { dataset, fields }: DatasetWithFields,
): Promise<void> {
  const writer = await composeWriter(settings);
  try {
    const applied = await withReader(settings, (reader) =>
      reader.appliedRun(organizationId, dataset.id),
    );
    if (applied?.baselineId === demoBaseline) return;
    const ids = demoFields.map(({ name }) => fields.get(name)?.id ?? 0);
    const contacts = demoContacts();
    const runId = `demo-${organizationId}`;
    const lease = await writer.beginRun({ runId, organizationId, datasetId: dataset.id });
    for (let from = 0; from < contacts.length; from += maxRowsPerBatch) {
      const batch = contacts.slice(from, from + maxRowsPerBatch);
      const changes = batch.map((contact) => changeOf(contact, ids));
      await writer.applyBatch(lease, changes);
    }
    for (const contact of contacts) {
      const packed = packMemberships(contact.memberships);
      await writer.putMemberships(organizationId, identityOf(contact), packed);
    }
    await writer.finishRun(lease, { baselineId: demoBaseline, asOfMs });
    await writer.flush();
  } finally {
    await writer.close();
  }
}

function changeOf(contact: DemoContact, fieldIds: readonly number[]): ContactChange {
  const fields = contact.values
    .map((value, place) => [fieldIds[place] ?? 0, Buffer.from(value)] as const)
    .sort(([one], [other]) => one - other);
  return { kind: 'replace', identities: [identityOf(contact)], section: encodeSection(fields) };
}

function identityOf({ email }: DemoContact): KnownIdentity {
  return { typeId: emailTypeId, digest: identityDigest('email', email), value: email };
}

async function replaceToken(
  administration: Administration,
  organizationId: number,
): Promise<string> {
  for (const token of await listTokens(administration, organizationId)) {
    if (token.name !== tokenName) continue;
    await revokeToken(administration, organizationId, { reference: token.id });
  }
  const request = { createdBy: tokenCreator, name: tokenName };
  return (await createToken(administration, organizationId, request)).text;
}
