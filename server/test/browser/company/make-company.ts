/**
 * The data folder of a company that has used Usher for some weeks: datasets with runs, one that the
 * guard stopped, one that is stale, one that fails; tokens with traffic; users of each role; looks.
 * It is what the pictures show.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessSubject } from '../../../src/access/access-entry.ts';
import type { Administration } from '../../../src/administration/administration.ts';
import { applyCatalog } from '../../../src/administration/document/apply-catalog.ts';
import { createOrganization } from '../../../src/administration/organizations.ts';
import { createToken } from '../../../src/administration/token/tokens.ts';
import {
  composeAdministration,
  composeDefinedSource,
  composeReader,
  composeWriter,
} from '../../../src/compose.ts';
import { identityDigest } from '../../../src/domain/contact/identity.ts';
import { dataFiles } from '../../../src/domain/data-files.ts';
import type { RunParts } from '../../../src/runs/run-caller.ts';
import { startRun } from '../../../src/runs/start-run.ts';
import { idWords } from '../../../src/stores/read-record.ts';
import type { UserManager } from '../../../src/users/manage-users.ts';
import { userKeysOf } from '../../../src/users/user-keys.ts';
import { type Caller, lookHoursOf, usageOf, writeLooks } from './company-traffic.ts';
import { emailOf, userEvents } from './company-users.ts';
import { companyDocument } from './definitions.ts';
import type { PastEvent } from './past-event.ts';
import { crmRows, customers, loyaltyRows, newsletterRows, orderRows } from './people.ts';

const hourMs = 3_600_000;
export const organizationName = 'harbour-coffee';

export interface Company {
  /** The texts of the tokens by their names. */
  readonly tokens: ReadonlyMap<string, string>;
}

interface Place {
  readonly dataFolder: string;
  readonly administration: Administration;
  readonly organizationId: number;
  readonly manager: UserManager;
  readonly tokens: Map<string, { readonly id: string; readonly text: string }>;
}

/** Takes about 3 s. */
export async function makeCompany(dataFolder: string, nowMs = Date.now()): Promise<Company> {
  const time = { startMs: nowMs - 500 * hourMs, began: performance.now() };
  // Its data are small: so that a run takes seconds, as one of a company does.
  const clock = () => Math.round(time.startMs + 9 * (performance.now() - time.began));
  const administration = await composeAdministration(
    { dataFolder, catalog: 'sqlite' },
    { operator: 'deploy', clock, randomBytes, make: true },
  );
  try {
    const settings = { rateLimit: 200 };
    const { id: organizationId } = await createOrganization(
      administration,
      organizationName,
      settings,
    );
    const manager = { administration, organizationId, keys: userKeysOf(dataFolder) };
    const known = { dataFolder, administration, organizationId };
    const place: Place = { ...known, manager, tokens: new Map() };
    const events = [
      ...tokenEvents(place),
      ...dataEvents(place),
      ...userEvents(manager, dataFolder),
    ];
    for (const { hoursAgo, act } of events.toSorted((a, b) => b.hoursAgo - a.hoursAgo)) {
      Object.assign(time, { startMs: nowMs - hoursAgo * hourMs, began: performance.now() });
      await act();
    }
    await noteTraffic(place, nowMs);
    return { tokens: new Map([...place.tokens].map(([name, { text }]) => [name, text])) };
  } finally {
    await administration.catalog.close();
  }
}

function tokenEvents({ administration, organizationId, tokens }: Place): readonly PastEvent[] {
  const make = (name: string, hoursAgo: number, more: object = {}): PastEvent => ({
    hoursAgo,
    act: async () => {
      const request = { createdBy: emailOf('Dana Reyes'), name, ...more };
      const { token, text } = await createToken(administration, organizationId, request);
      tokens.set(name, { id: token.id, text });
    },
  });
  const fields = ['first_name', 'city', 'orders', 'revenue_lifetime', 'newsletter'];
  return [
    make('checkout-web', 380, { maxShare: 0.8 }),
    make('mail-renderer', 379),
    make('call-centre', 300, { maxShare: 0.2 }),
    make('pricing', 290, { fields, expires: '17d' }),
  ];
}

function dataEvents(place: Place): readonly PastEvent[] {
  const { dataFolder, administration, organizationId } = place;
  const folder = join(dataFolder, '..', 'exports');
  mkdirSync(folder, { recursive: true });
  const run = (dataset: string, hoursAgo: number, rows?: string): PastEvent => ({
    hoursAgo,
    act: async () => {
      if (rows !== undefined) writeFileSync(join(folder, `${dataset}.csv`), rows);
      const asked = { dataset, trigger: 'schedule', isFull: false } as const;
      const started = startRun({ administration, organizationId }, partsOf(dataFolder), asked);
      // What it finds wrong is what the pictures show.
      await (rows === undefined ? started.catch(() => undefined) : started);
    },
  });
  const options = { prune: false, force: false, dryRun: false, sectionsOf: async () => 0 };
  return [
    {
      hoursAgo: 399.5,
      act: () =>
        applyCatalog(administration, organizationId, {
          document: companyDocument(folder),
          ...options,
        }),
    },
    ...[57, 33, 9].map((hours, day) => run('crm', hours, crmRows(day))),
    ...[56, 32].map((hours, day) => run('shop_orders', hours, orderRows(day))),
    run('newsletter', 28, newsletterRows()),
    ...[1.4, 0.9, 0.4].map((hours, day) => run('loyalty', hours, loyaltyRows(day))),
    run('support_desk', 1.2),
    run('shop_orders', 0.7, orderRows(2, true)),
  ];
}

function partsOf(dataFolder: string): RunParts {
  const settings = { dataFolder };
  const allowedFolders = [dataFiles.baselines, dataFiles.references].map((name) =>
    join(dataFolder, name),
  );
  const interrupted = new AbortController().signal;
  return {
    dataFolder,
    openWriter: () => composeWriter(settings),
    openReader: () => composeReader(settings),
    interrupted,
    onNotes: () => undefined,
    onProgress: () => undefined,
    sourcesIn: (folder) => (definition, options) =>
      composeDefinedSource(
        definition,
        { folder, allowedFolders, threads: 2 },
        {
          ...options,
          secrets: async () => 'postgres://desk:secret@127.0.0.1:9/desk',
          allowedAddresses: [],
          interrupted,
        },
      ),
  };
}

async function noteTraffic(place: Place, nowMs: number): Promise<void> {
  const { dataFolder, administration, organizationId } = place;
  const { catalog } = administration;
  const read = await catalog.read(async (view) => ({
    fields: await view.listFields(organizationId),
    types: await view.listIdentityTypes(organizationId),
    records: await view.listTokens(organizationId),
  }));
  const tokens = [...place.tokens].map(([name, { id }]): Caller => {
    const rowId = read.records.find((one) => one.id === id)?.rowId;
    return { name, id, ...(rowId !== undefined && { rowId }) };
  });
  const users = await catalog.readUsers((view) => view.listUsers(organizationId));
  const fieldIds = read.fields.filter(({ content }) => content).map(({ id }) => id);
  const usage = usageOf(tokens, { organizationId, nowMs, fieldIds });
  const nowHour = Math.floor(nowMs / hourMs);
  await catalog.addUsage(usage, nowHour);
  await catalog.addAccessHours(lookHoursOf(organizationId, nowMs), nowHour);
  await catalog.recordLastUsed(tokens.map(({ rowId = 0 }) => ({ rowId, atMs: nowMs - 60_000 })));
  const emailTypeId = read.types.find(({ name }) => name === 'email')?.id ?? 0;
  const subjects = await subjectsOf(dataFolder, { organizationId, typeId: emailTypeId });
  await writeLooks({ dataFolder, nowMs, tokens, users, subjects, fieldIds });
}

async function subjectsOf(
  dataFolder: string,
  { organizationId, typeId }: { readonly organizationId: number; readonly typeId: number },
): Promise<readonly AccessSubject[]> {
  const reader = await composeReader({ dataFolder });
  try {
    return await Promise.all(
      customers.slice(0, 40).map(async ({ email }) => {
        const key = { typeId, digest: identityDigest('email', email) };
        const found = await reader.explainContact(organizationId, key);
        if (found === undefined) throw new Error(`${email} is not in the store`);
        return { organizationId, typeId: 0, words: idWords(found.contactId) };
      }),
    );
  } finally {
    await reader.close();
  }
}
