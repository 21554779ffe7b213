/**
 * A data folder with a running server, in which each trial of the identity rules has an
 * organization of its own. This process writes the store, so that a trial can set the clock.
 */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Administration } from '../../src/administration/administration.ts';
import { applyCatalog } from '../../src/administration/document/apply-catalog.ts';
import { createOrganization, findOrganizationId } from '../../src/administration/organizations.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactReader, ContactWriter } from '../../src/stores/store.ts';
import { startUsher } from '../launch/run-usher.ts';
import { openAdministration } from './door-parts.ts';
import type { DatasetRules, IdentitySettings } from './identity-state.ts';

export interface DoorOrganization {
  readonly id: number;
  readonly token: string;
  readonly settings: IdentitySettings;
  /** The folder with the files that its datasets read. */
  readonly folder: string;
}

export interface DoorPlace {
  readonly dataFolder: string;
  readonly url: string;
  readonly administration: Administration;
  readonly reader: ContactReader;
  readonly writer: ContactWriter;
  readonly clock: { laterMs: number };
  close(): Promise<void>;
}

/** Starts a server. The organizations that it should know at once must be there before. */
export async function openDoorPlace(dataFolder: string): Promise<DoorPlace> {
  const clock = { laterMs: 0 };
  const writer = await openWriter(dataFolder, { nowMs: () => Date.now() + clock.laterMs });
  const reader = openReader(dataFolder);
  const administration = await openAdministration(dataFolder);
  const server = await startUsher(dataFolder);
  return {
    ...{ dataFolder, administration, reader, writer, clock, url: server.url },
    close: async () => {
      await server.stop();
      await reader.close();
      await writer.close();
      await administration.catalog.close();
    },
  };
}

/**
 * Makes an organization with the identity types, the datasets and the trust of these settings.
 * @param folder for the files of its datasets
 */
export async function makeDoorOrganization(
  administration: Administration,
  folder: string,
  settings: IdentitySettings,
): Promise<DoorOrganization> {
  mkdirSync(folder);
  const name = basename(folder);
  await createOrganization(administration, name);
  const id = await findOrganizationId(administration, name);
  await applyCatalog(administration, id, {
    document: documentOf(settings, folder),
    ...{ prune: false, force: false, dryRun: false, sectionsOf: async () => 0 },
  });
  const scopes = ['contacts:read', 'contacts:write', 'admin:write'];
  const request = { createdBy: 'test@example.com', scopes };
  const { text: token } = await createToken(administration, id, request);
  return { id, token, settings, folder };
}

function documentOf(settings: IdentitySettings, folder: string): object {
  const { types, datasets, trust, sharedLimit } = settings;
  // An empty value needs no setting: it never names anybody.
  const blocked = settings.blocked.filter((text) => text !== '');
  const identityTypes = types.map(({ name, joins, isStable, maxPerContact }) => [
    name,
    {
      ...{ normalisation: normalisationOf(name), joins, stable: isStable, blocked },
      ...{ max_per_contact: maxPerContact, shared_limit: sharedLimit },
    },
  ]);
  const documents = datasets.map((dataset) => [dataset.name, datasetDocument(dataset, folder)]);
  return {
    version: 1,
    organization: { trust },
    identity_types: Object.fromEntries(identityTypes),
    datasets: Object.fromEntries(documents),
  };
}

function datasetDocument(rules: DatasetRules, folder: string): object {
  const { name, kind, mode, identifiers } = rules;
  const file = { kind: 'file', paths: [join(folder, `${name}.csv`)] };
  return {
    kind,
    source: mode === 'push' ? { kind: 'push' } : file,
    identifiers: Object.fromEntries(identifiers.map((type) => [type, type])),
    mode: mode === 'snapshot' ? 'snapshot' : 'append',
    // A run of two rows may change both.
    ...(kind === 'contact' && {
      ...{ max_change_share: 1, max_rejected_share: 1 },
      fields: { [fieldOf(name)]: { type: 'string', column: textColumn } },
    }),
  };
}

/** The column with a row's text. */
export const textColumn = 'text';

/** The field that the text of a dataset's rows fills. */
export function fieldOf(dataset: string): string {
  return `${dataset}_text`;
}

function normalisationOf(type: string): string {
  return { em: 'email', ph: 'phone' }[type] ?? 'exact';
}
