/**
 * People of two organizations, and a writer that keeps changing them. Every value names its person,
 * organization and version, so that a test can check that an answer belongs to the right person and
 * to a single commit.
 */
import assert from 'node:assert/strict';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { createOrganization, updateOrganization } from '../../src/administration/organizations.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import type { MaxAge } from '../../src/domain/dataset/dataset-definition.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { email, patch, replace, report } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { type RunningApi, waitFor } from './start-api.ts';

/**
 * People of each organization. The first half never changes, the others are written again and
 * again.
 */
export const peopleCount = 60;
export const stillCount = 30;

const day = 86_400_000;

export interface MarkedOrganization {
  readonly id: number;
  readonly name: string;
  readonly token: string;
  /** The revision of the newest acknowledged write. */
  revision: string;
  readonly datasetId: number;
  readonly fieldId: (name: string) => number;
  /** How often each person has been written. */
  readonly versions: number[];
}

export function addressOf({ name }: MarkedOrganization, person: number): string {
  return `p${person}@${name}.example`;
}

/** The text before the version in each value of a person. */
export function markOf({ name }: MarkedOrganization, person: number): string {
  return `${name}/${person}/`;
}

export async function markOrganizations(api: RunningApi): Promise<readonly MarkedOrganization[]> {
  const { administration } = api;
  const other = await createOrganization(administration, 'other');
  await updateOrganization(administration, 2, { settings: { rateLimit: 100_000 } });
  return [await mark(api, 1, 'default'), await mark(api, 2, other.name)];
}

async function mark(api: RunningApi, id: number, name: string): Promise<MarkedOrganization> {
  const fieldIds = new Map<string, number>();
  const define = async (dataset: string, fields: readonly string[], maxAge: MaxAge | null) => {
    const defined = await defineDataset(api.administration, id, {
      name: dataset,
      definition: {
        ...usualDefinition,
        maxAge,
        identifiers: [{ identityType: 'email', column: 'email_address' }],
        columns: fields.map((field) => ({ column: field, field })),
        format: {},
      },
      fields: new Map(fields.map((field) => [field, { type: 'string' }])),
    });
    for (const [field, { id: fieldId }] of defined.fields) fieldIds.set(field, fieldId);
    return defined.dataset.id;
  };
  const fieldId = (field: string) => fieldIds.get(field) ?? 0;
  const marked = await define('marked', ['mark', 'mark_copy', 'bulk'], null);
  const withheld = { ms: day, policy: 'withhold' } as const;
  await writeOnce(api, id, await define('old', ['old_mark'], withheld), {
    asOfMs: Date.UTC(2024, 0, 2),
    changes: people((person) => ({ [fieldId('old_mark')]: `${name}/${person}/old` }), name),
  });
  await writeOnce(api, id, await define('new', ['new_mark'], withheld), {
    asOfMs: Date.now(),
    changes: people((person) => ({ [fieldId('new_mark')]: `${name}/${person}/0` }), name),
  });
  const organization: MarkedOrganization = {
    ...{ id, name, fieldId, revision: '' },
    token: await tokenOf(api, id),
    datasetId: marked,
    versions: Array.from({ length: peopleCount }, () => 0),
  };
  await writePeople(api, organization, [...organization.versions.keys()]);
  return organization;
}

function people(fieldsOf: (person: number) => Record<number, unknown>, name: string) {
  return Array.from({ length: peopleCount }, (_, person) =>
    replace([email(`p${person}@${name}.example`)], fieldsOf(person)),
  );
}

async function writeOnce(
  { writer }: RunningApi,
  organizationId: number,
  datasetId: number,
  { asOfMs, changes }: { asOfMs: number; changes: ReturnType<typeof people> },
): Promise<void> {
  const runId = `once-${organizationId}-${datasetId}`;
  const lease = await writer.beginRun({ runId, organizationId, datasetId });
  await writer.applyBatch(lease, changes);
  await writer.finishRun(lease, { baselineId: runId, asOfMs });
}

async function tokenOf(api: RunningApi, organizationId: number): Promise<string> {
  const createdBy = 'test@example.com';
  const made = await createToken(api.administration, organizationId, { createdBy });
  const path = '/audience/v2/contacts?identity=email:nobody@hello.com';
  await waitFor(async () => (await callApi(api, { path, token: made.text })).status === 404);
  return made.text;
}

/**
 * Writes new values for these people in one transaction, and reports that they entered a variant
 * named after the version.
 */
export async function writePeople(
  { writer }: RunningApi,
  organization: MarkedOrganization,
  written: readonly number[],
): Promise<void> {
  const { id, datasetId, fieldId, versions } = organization;
  const changes = written.flatMap((person) => {
    const version = (versions[person] ?? 0) + 1;
    versions[person] = version;
    const text = `${markOf(organization, person)}${version}`;
    const fields = {
      [fieldId('mark')]: text,
      [fieldId('mark_copy')]: text,
      // Records of varying lengths, so that lent bytes are longer or shorter than the ones before.
      [fieldId('bulk')]: `${text} ${'b'.repeat(((person * 7_919 + version * 104_729) % 50) ** 2)}`,
    };
    const at = new Date(Date.UTC(2026, 0, 1) + version * 1_000).toISOString();
    const member = { flow_id: 1, variant: text.replaceAll('/', '_'), timestamp: at };
    const who = [email(addressOf(organization, person))];
    return [patch(who, fields), report(who, member)];
  });
  const done = await writer.push(id, datasetId, changes, { atMs: Date.now() });
  assert.equal(done.rejected.length, 0);
  organization.revision = done.revision;
}
