/** What rules and flows use is neither removed nor changed, whatever the door. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import { type DefinitionDoors, type DoorAnswer, startDoors, yamlOf } from './definition-doors.ts';

type Members = Record<string, unknown>;
type Catalog = Record<string, Record<string, Members>>;

/** A change at each door, and the names of all users that each answer must say. */
interface UsedChange {
  readonly what: string;
  readonly http: { readonly method: string; readonly path: string; readonly body?: Members };
  readonly cli: readonly string[];
  /** Changes an exported catalog. */
  readonly file: (catalog: Catalog) => void;
  readonly users: readonly RegExp[];
}

const placeOfUser =
  /usher\.yaml:\d+:\d+: \/(segments|flows|computed_fields|exclusion_groups)\/\w+|would be gone, but|in use: /;

const remove = (kind: string, name: string) => (catalog: Catalog) => {
  delete catalog[kind]?.[name];
};
const fieldsOf = (catalog: Catalog, dataset: string) =>
  catalog['datasets']?.[dataset]?.['fields'] as Record<string, Members>;
const setField = (dataset: string, name: string, members: Members) => (catalog: Catalog) => {
  Object.assign(fieldsOf(catalog, dataset)[name] ?? {}, members);
};

const changes: readonly UsedChange[] = [
  {
    what: 'a segment that a segment, a computed field and a flow use',
    http: { method: 'DELETE', path: '/segments/1' },
    cli: ['segment', 'remove', 'Buyers'],
    file: remove('segments', 'Buyers'),
    users: [/segment VIPs/, /computed field is_buyer/, /flow Spring/],
  },
  {
    what: 'a flow that a segment uses',
    http: { method: 'DELETE', path: '/flows/142309' },
    cli: ['flow', 'remove', 'Spring'],
    file: remove('flows', 'Spring'),
    users: [/segment Reached/, /exclusion group Mails/],
  },
  {
    what: 'a computed field that a segment uses',
    http: { method: 'DELETE', path: '/computed-fields/tier' },
    cli: ['computed-field', 'remove', 'tier', '--yes'],
    file: remove('computed_fields', 'tier'),
    users: [/segment VIPs/],
  },
  {
    what: 'a list that a segment uses',
    http: { method: 'DELETE', path: '/datasets/press?force=true' },
    cli: ['dataset', 'remove', 'press', '--yes'],
    file: remove('datasets', 'press'),
    users: [/segment Buyers/],
  },
  {
    what: 'a dataset whose field a branch of a flow uses',
    http: { method: 'DELETE', path: '/datasets/shop?force=true' },
    cli: ['dataset', 'remove', 'shop', '--yes'],
    file: remove('datasets', 'shop'),
    users: [/flow Tiers/],
  },
  {
    what: 'the condition flag of a field in rules',
    http: { method: 'PATCH', path: '/fields/total_spend', body: { condition: false, force: true } },
    cli: ['field', 'set', 'total_spend', '--condition', 'off', '--yes'],
    file: setField('crm', 'total_spend', { condition: false }),
    users: [/segment Buyers/],
  },
  {
    what: 'the condition flag of a field in a branch',
    http: { method: 'PATCH', path: '/fields/city', body: { condition: false, force: true } },
    cli: ['field', 'set', 'city', '--condition', 'off', '--yes'],
    file: setField('shop', 'city', { condition: false }),
    users: [/flow Tiers/],
  },
  {
    what: 'the condition flag of a computed field in a segment',
    http: {
      method: 'PATCH',
      path: '/computed-fields/tier',
      body: { condition: false, force: true },
    },
    cli: ['computed-field', 'edit', 'tier', '--condition', 'off', '--yes'],
    file: (catalog) =>
      Object.assign(catalog['computed_fields']?.['tier'] ?? {}, { condition: false }),
    users: [/segment VIPs/],
  },
  {
    what: 'the type of a field in rules',
    http: { method: 'PATCH', path: '/fields/total_spend', body: { type: 'string', force: true } },
    cli: ['field', 'set', 'total_spend', '--type', 'string', '--yes'],
    file: setField('crm', 'total_spend', { type: 'string', implied_value: null }),
    users: [/segment Buyers/, /computed field tier/],
  },
  {
    what: 'a field in a branch, which a dataset no longer fills',
    http: { method: 'DELETE', path: '/datasets/shop' },
    cli: ['dataset', 'remove', 'shop', '--yes'],
    file: (catalog) => {
      delete fieldsOf(catalog, 'shop')['city'];
    },
    users: [/flow Tiers/],
  },
  {
    what: 'an identity type that decides a slot',
    http: { method: 'DELETE', path: '/identity-types/user_id' },
    cli: ['identity-type', 'delete', 'user_id', '--yes'],
    file: (catalog) => {
      delete catalog['identity_types']?.['user_id'];
      Object.assign(catalog['datasets']?.['shop'] ?? {}, { identifiers: { email: 'User' } });
    },
    users: [/flow Spring/],
  },
];

async function answersOf(
  { http, cli, apply, api }: DefinitionDoors,
  change: UsedChange,
): Promise<ReadonlyMap<string, DoorAnswer>> {
  const catalog = structuredClone(await exportCatalog(api.administration, 1)) as Catalog;
  change.file(catalog);
  return new Map([
    ['HTTP', await http(change.http)],
    ['command line', await cli(...change.cli)],
    ['file', await apply(yamlOf(catalog), '--prune', '--yes')],
  ]);
}

for (const change of changes) {
  test(`${change.what} stays, and each answer names the users`, async (t) => {
    const doors = await startDoors(t);
    const before = await doors.exported();
    for (const [door, { isDone, text }] of await answersOf(doors, change)) {
      assert.ok(!isDone, `${door} ${text}`);
      if (door !== 'file') for (const user of change.users) assert.match(text, user, door);
      // In a file, each fault has its place.
      else assert.match(text, placeOfUser, text);
    }
    assert.equal(await doors.exported(), before);
  });
}
