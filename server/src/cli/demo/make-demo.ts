/**
 * Creates the demo's own organization, its contacts and its flows. Each start replaces the demo's
 * token.
 */
import type { Administration } from '../../administration/administration.ts';
import {
  type DatasetWithFields,
  defineDataset,
} from '../../administration/dataset/define-dataset.ts';
import { applyCatalog } from '../../administration/document/apply-catalog.ts';
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
import { linkDemoUser } from '../../users/first-user.ts';
import { userKeysOf } from '../../users/user-keys.ts';
import { withReader } from '../with-administration.ts';
import { type DemoContact, demoContacts, demoFields } from './demo-contacts.ts';
import { demoDefinitions } from './demo-definitions.ts';

export const demoOrganizationName = 'demo';
const datasetName = 'crm';
const tokenName = 'demo';
const tokenCreator = 'demo@example.com';

/**
 * Names this version of the demo's data and definitions. Change it together with them: what is
 * already applied under this name is not applied again, so that what people change in them stays.
 */
const demoBaseline = 'demo-2';
const emailTypeId = 1;

/** @returns the text of the demo's new token, and the path that opens its console signed in */
export async function makeDemo(
  administration: Administration,
  settings: Pick<Settings, 'dataFolder'>,
): Promise<{ readonly token: string; readonly link: string }> {
  const organizationId = await demoOrganization(administration);
  const defined = await defineDataset(administration, organizationId, {
    name: datasetName,
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'email_address' }],
      columns: demoFields.map(({ name }) => ({ column: name, field: name })),
      format: { kind: 'demo' },
    },
    fields: new Map(demoFields.map(({ name, type, sensitivity }) => [name, { type, sensitivity }])),
  });
  await writeData(settings, { administration, organizationId }, defined);
  const keys = userKeysOf(settings.dataFolder);
  const { link } = await linkDemoUser({ administration, organizationId, keys });
  return { token: await replaceToken(administration, organizationId), link };
}

async function demoOrganization(administration: Administration): Promise<number> {
  const known = (await listOrganizations(administration)).find(
    ({ name }) => name === demoOrganizationName,
  );
  return known?.id ?? (await createOrganization(administration, demoOrganizationName, {})).id;
}

function defineFlows(administration: Administration, organizationId: number) {
  return applyCatalog(administration, organizationId, {
    ...{ document: demoDefinitions, prune: false, force: false, dryRun: false },
    sectionsOf: async () => 0,
  });
}

async function writeData(
  settings: Pick<Settings, 'dataFolder'>,
  { administration, organizationId }: { administration: Administration; organizationId: number },
  { dataset, fields }: DatasetWithFields,
): Promise<void> {
  const writer = await composeWriter(settings);
  try {
    const applied = await withReader(settings, (reader) =>
      reader.appliedRun(organizationId, dataset.id),
    );
    if (applied?.baselineId === demoBaseline) return;
    await defineFlows(administration, organizationId);
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
    const asOfMs = administration.clock();
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
