/**
 * Who answers for an identity: a few rules by name, and a comparison with the model after each
 * write of random histories, which tries all rules together.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Component, IdentityPair } from '../../src/domain/contact/component.ts';
import { usualRules, usualTypeRules } from '../../src/domain/contact/identity-rules.ts';
import { compareStrength } from '../../src/domain/contact/identity-strength.ts';
import { clashOfContacts, whoAnswers } from '../../src/domain/contact/who-answers.ts';
import { compareHistories } from '../identities/compare-decisions.ts';

/** The strongest first: customer number (stable), user, e-mail, phone (does not join). */
const types = [
  { ...usualTypeRules, id: 4, isStable: true },
  { ...usualTypeRules, id: 9 },
  { ...usualTypeRules, id: 1 },
  { ...usualTypeRules, id: 5, joins: false },
];
const typeIds = new Map(Object.entries({ no: 4, user: 9, em: 1, ph: 5, other: 2, more: 7 }));
const datasets = ['crm', 'crm2', 'shop', 'log', 'same'];

function identityOf(text: string): Component['identities'][number] {
  const [type = '', value = ''] = text.split(':');
  return { typeId: typeIds.get(type) ?? 0, digest: Buffer.from(value.padEnd(16)) };
}

/** What a test says besides rows, with identities as texts. */
interface Said {
  readonly trust?: readonly string[];
  readonly sharedLimit?: number;
  readonly merges?: readonly (readonly [string, string])[];
  readonly bars?: readonly (readonly [string, string])[];
  /** The version is 1 if there is none. */
  readonly memory?: readonly (readonly [string, string, version?: bigint])[];
  readonly breaks?: Readonly<Record<string, bigint>>;
  readonly crowded?: readonly string[];
  readonly beyond?: readonly string[];
}

/**
 * Reads rows such as `crm no:1 em:a@5`: the dataset, the key, and claims with the version since
 * which the row says so. `log` appends, the other datasets are snapshots, `same` has identities.
 */
function read(rows: readonly string[], said: Said = {}) {
  const names: string[] = [];
  const at = (name: string) => {
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name);
  };
  const pairAt = ([one, other]: readonly [string, string]): IdentityPair => [at(one), at(other)];
  const claimingRows = rows.map((text) => {
    const [dataset = '', key = '', ...claims] = text.split(' ');
    return {
      datasetId: datasets.indexOf(dataset),
      kind: dataset === 'same' ? ('identity' as const) : ('contact' as const),
      key: at(key),
      claims: claims.map((claim) => {
        const [identity = '', since = '1'] = claim.split('@');
        return { identity: at(identity), since: BigInt(since), isOfSnapshot: dataset !== 'log' };
      }),
    };
  });
  const { sharedLimit = usualTypeRules.sharedLimit, breaks = {} } = said;
  const component: Component = {
    rules: {
      types: types.map((type) => (type.id === 1 ? { ...type, sharedLimit } : type)),
      trust: (said.trust ?? []).map((dataset) => datasets.indexOf(dataset)),
    },
    rows: claimingRows,
    merges: (said.merges ?? []).map((keys) => ({
      keys: pairAt(keys),
      sides: pairAt(keys).map((end) => [end]) as [number[], number[]],
    })),
    bars: (said.bars ?? []).map(pairAt),
    memory: (said.memory ?? []).map(([one, other, version = 1n]) => ({
      pair: pairAt([one, other]),
      version,
    })),
    breaks: new Map(Object.entries(breaks).map(([name, version]) => [at(name), version])),
    crowded: new Set((said.crowded ?? []).map(at)),
    beyond: new Set((said.beyond ?? []).map(at)),
    identities: names.map(identityOf),
  };
  return { component, names };
}

/** The identities of each contact, and the claims that have no effect. */
function answers(rows: readonly string[], said: Said = {}): string[] {
  const { component, names } = read(rows, said);
  const { groups, refusals } = whoAnswers(component);
  const contacts = groups
    .filter((group) => group.rows.length > 0)
    .map(({ identities }) =>
      identities
        .map((it) => names[it])
        .sort()
        .join(' '),
    );
  const refused = refusals.map(({ row, identity, code }) => {
    const key = component.rows[row]?.key ?? 0;
    return `${names[key]} without ${names[identity]}: ${code}`;
  });
  return [...contacts.sort(), ...refused.sort()];
}

test('rows that name one e-mail are one contact, and the evidence names their claims', () => {
  const rows = ['crm no:1 em:a@5', 'shop user:7 em:a@6', 'log em:a em:a@2', 'crm no:2'];
  assert.deepEqual(answers(rows), ['em:a no:1 user:7', 'no:2']);
  const { component, names } = read(rows);
  const said = whoAnswers(component).evidence.map(({ pair, identity, claims }) => [
    ...pair.map((it) => names[it]),
    names[identity],
    ...claims.map(({ row, since }) => `${names[component.rows[row]?.key ?? 0]}@${since}`),
  ]);
  assert.deepEqual(said, [
    ['em:a', 'no:1', 'em:a', 'no:1@5'],
    ['em:a', 'user:7', 'em:a', 'user:7@6'],
  ]);
});

test('an e-mail of two rows of one snapshot leads to neither, and to a row that is keyed by it', () => {
  const refused = ['no:1 without em:f: identity_shared', 'no:2 without em:f: identity_shared'];
  const rows = ['crm no:1 em:f@5', 'crm no:2 em:f@6'];
  assert.deepEqual(answers(rows), ['no:1', 'no:2', ...refused]);
  assert.deepEqual(answers([...rows, 'shop em:f']), ['em:f', 'no:1', 'no:2', ...refused]);
});

test('two stable values are two contacts: the trusted dataset wins, then the newest claim', () => {
  const rows = ['crm no:1 em:a@1', 'crm2 no:2 em:a@2'];
  const older = ['em:a no:2', 'no:1', 'no:1 without em:a: identity_taken'];
  assert.deepEqual(answers(rows), older);
  const trusted = ['em:a no:1', 'no:2', 'no:2 without em:a: identity_taken'];
  assert.deepEqual(answers(rows, { trust: ['crm'] }), trusted);
  assert.deepEqual(answers(['log no:1 em:a@1', 'log no:2 em:a@2']), older);
});

test('claims of one snapshot dataset are equally new', () => {
  const rows = ['crm no:1 em:a@1', 'crm no:2 em:a@3', 'crm2 no:3 em:a@2'];
  assert.deepEqual(answers(rows).slice(3), [
    'no:1 without em:a: identity_shared',
    'no:2 without em:a: identity_shared',
    'no:3 without em:a: identity_shared',
  ]);
  assert.deepEqual(answers([...rows, 'log no:4 em:a@4']).slice(0, 4), [
    'em:a no:4',
    'no:1',
    'no:2',
    'no:3',
  ]);
});

test('claims from before an identity was let go do not count beside later ones', () => {
  const rows = ['crm user:1 em:a@1', 'shop user:2 em:a@3'];
  assert.deepEqual(answers(rows, { breaks: { 'em:a': 3n } }), [
    'em:a user:2',
    'user:1',
    'user:1 without em:a: identity_moved',
  ]);
  assert.deepEqual(answers(rows, { breaks: { 'em:a': 4n } }), ['em:a user:1 user:2']);
});

test('an identity joins nobody if more rows of one dataset claim it than its type allows', () => {
  const rows = ['log ph:1 em:a', 'log user:2 em:a', 'shop no:3 em:a'];
  assert.deepEqual(answers(rows, { sharedLimit: 2 }), ['em:a no:3 ph:1 user:2']);
  assert.deepEqual(answers(rows, { sharedLimit: 1 }).slice(3), [
    'no:3 without em:a: identity_shared',
    'ph:1 without em:a: identity_shared',
    'user:2 without em:a: identity_shared',
  ]);
});

test('what too many rows claim joins nobody, and neither does what is too far away', () => {
  const rows = ['crm no:1 em:a', 'shop em:a em:a em:b', 'same em:c em:b'];
  assert.deepEqual(answers(rows), ['em:a em:b em:c no:1']);
  assert.deepEqual(answers(rows, { crowded: ['em:a'], beyond: ['em:b'] }), [
    'em:a',
    'em:c',
    'no:1',
    'em:a without em:b: identity_limit',
    'em:c without em:b: identity_limit',
    'no:1 without em:a: identity_shared',
  ]);
});

test('a type that does not join leads to one contact, and joins no two', () => {
  assert.deepEqual(answers(['crm no:1 ph:1']), ['no:1 ph:1']);
  assert.deepEqual(answers(['crm no:1 ph:1', 'shop ph:1']), [
    'no:1',
    'ph:1',
    'no:1 without ph:1: identity_not_joining',
  ]);
});

test('rows of an identity dataset join two keys, also two of one dataset', () => {
  assert.deepEqual(answers(['crm user:1', 'crm user:2', 'same user:1 user:2']), ['user:1 user:2']);
  assert.deepEqual(answers(['crm no:1', 'crm no:2', 'same no:1 no:2']), [
    'no:1',
    'no:2',
    'no:1 without no:2: identity_conflict',
  ]);
});

test('a contact has 100 identities, and 20 of one type', () => {
  const many = (type: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${type}:${100 + at}`);
  const named = ['user', 'em', 'ph', 'other', 'more'].flatMap((type) => many(type, 20));
  const full = `same no:1 ${named.slice(0, 99).join(' ')}`;
  const sizes = (rows: readonly string[]) =>
    whoAnswers(read(rows).component).groups.map(({ identities }) => identities.length);
  assert.deepEqual(sizes([full]), [100]);
  assert.deepEqual(sizes([`same no:1 ${named.join(' ')}`]), [100, 1]);
  assert.deepEqual(sizes([full, 'crm no:1 more:200']), [100, 1]);
  const refused = answers([`same no:1 ${many('em', 22).join(' ')}`]).slice(1);
  assert.deepEqual(refused, [
    'no:1 without em:120: identity_limit',
    'no:1 without em:121: identity_limit',
  ]);
});

test('a contact keeps its older e-mails, and of equally old ones the lower digests', () => {
  const many = (since: number, digits: readonly number[]) =>
    digits.map((digit) => `em:${digit}@${since}`).join(' ');
  const ten = (from: number) => Array.from({ length: 10 }, (_, at) => from + at);
  const older = `same no:1 ${many(3, ten(20))} ${many(4, ten(30))}`;
  assert.deepEqual(answers([older, 'same no:1 em:10@5']).slice(1), [
    'no:1 without em:10: identity_limit',
  ]);
  assert.deepEqual(answers([older, 'same no:1 em:50@2']).slice(1), [
    'no:1 without em:39: identity_limit',
  ]);
  // The oldest claim counts, whichever row makes it; a newer one beside it does not.
  const again = 'same no:1 em:39@1';
  assert.deepEqual(answers([older, 'same no:1 em:50@2', again]).slice(1), [
    'no:1 without em:38: identity_limit',
  ]);
  assert.deepEqual(answers([older, 'same no:1 em:39@9', 'same no:1 em:10@5']).slice(1), [
    'no:1 without em:10: identity_limit',
  ]);
});

test('a merge by a person joins rows of one dataset, bars or not, and no two stable values', () => {
  const merges = [['user:1', 'user:2']] as const;
  const rows = ['crm user:1 em:a', 'crm user:2', 'shop em:a'];
  assert.deepEqual(answers(rows, { merges }), ['em:a user:1 user:2']);
  assert.deepEqual(answers(rows, { merges, bars: merges }), ['em:a user:1 user:2']);
  assert.deepEqual(answers(['crm user:1 no:8', 'crm user:2 no:9'], { merges }).slice(0, 2), [
    'no:8 user:1 user:2',
    'user:2 without no:9: identity_conflict',
  ]);
});

test('a merge is refused for two stable values and for too many identities, not for a bar', () => {
  const refused = (...rows: readonly string[]) => {
    const { component } = read(rows, { bars: [['user:1', 'user:2']] });
    const [one, other] = whoAnswers(component).groups.filter((group) => group.rows.length > 0);
    assert.ok(one !== undefined && other !== undefined);
    return clashOfContacts(component, one, other);
  };
  const mails = Array.from({ length: 20 }, (_, at) => `em:${at}`).join(' ');
  assert.equal(refused('crm user:1', 'crm user:2'), undefined);
  assert.equal(refused('crm user:1 no:8', 'crm user:2 no:9'), 'identity_conflict');
  assert.equal(refused(`same user:1 ${mails}`, 'crm user:2'), undefined);
  assert.equal(refused('crm user:2 em:x', `same user:1 ${mails}`), 'identity_limit');
});

test('a bar keeps apart what rows join', () => {
  const bars = [['user:1', 'no:1']] as const;
  assert.deepEqual(answers(['crm no:1 em:a@1', 'shop user:1 em:a@2'], { bars }), [
    'em:a user:1',
    'no:1',
    'no:1 without em:a: identity_taken',
  ]);
});

test('a remembered join outlives its evidence, unless a row outside claims one of the keys', () => {
  const memory = [['em:a', 'no:1']] as const;
  assert.deepEqual(answers(['crm no:1', 'shop em:a'], { memory }), ['em:a no:1']);
  assert.deepEqual(answers(['crm no:1', 'crm no:3 em:a', 'shop em:a'], { memory }), [
    'em:a no:3',
    'no:1',
  ]);
  const claimed = ['crm no:1', 'crm no:3 em:a', 'shop em:a'];
  assert.deepEqual(answers(claimed, { memory, bars: [['em:a', 'no:3']] }), [
    'em:a no:1',
    'no:3',
    'no:3 without em:a: identity_parted',
  ]);
  // Neither of two rows gets the e-mail, and a bar between them and another key is no reason.
  const shared = ['crm no:1', 'crm no:3 em:a', 'crm no:4 em:a', 'shop em:a', 'crm2 no:9'];
  const bars = [
    ['no:3', 'no:9'],
    ['no:4', 'no:9'],
  ] as const;
  assert.equal(answers(shared, { memory, bars })[0], 'em:a');
  assert.deepEqual(answers(['crm no:1', 'shop em:a'], { memory, bars: memory }), ['em:a', 'no:1']);
});

test('of remembered joins that exclude each other the newest counts, or else the lowest', () => {
  const rows = ['crm no:1', 'crm no:2', 'log em:z', 'shop user:k', 'crm2 ph:x'];
  const joined = (...memory: NonNullable<Said['memory']>) => {
    const contacts = answers(rows, { memory });
    assert.deepEqual(answers(rows, { memory: [...memory].reverse() }), contacts);
    return contacts;
  };
  assert.deepEqual(joined(['em:z', 'no:1', 1n], ['em:z', 'no:2', 2n]).slice(0, 1), ['em:z no:2']);
  assert.deepEqual(joined(['no:1', 'em:z'], ['em:z', 'no:2']).slice(0, 1), ['em:z no:1']);
  // An e-mail is lower than a number, because the id of its type is.
  assert.deepEqual(joined(['em:z', 'user:k', 2n], ['em:z', 'no:2'], ['user:k', 'no:1']), [
    'em:z no:2 user:k',
    'no:1',
    'ph:x',
  ]);
  const before = [
    ['user:k', 'no:2', 2n],
    ['em:z', 'ph:x', 2n],
  ] as const;
  const lower = joined(...before, ['em:z', 'user:k'], ['no:1', 'ph:x']);
  assert.deepEqual(lower, ['em:z no:2 ph:x user:k', 'no:1']);
});

test('types are as strong as their place in the rules, and others follow by their id', () => {
  const sorted = ['no:5', 'no:6', 'user:1', 'em:1', 'em:2', 'ph:1', 'other:1', 'more:0'];
  const sortBy = (rules: Component['rules']) =>
    [...sorted]
      .reverse()
      .sort((one, other) => compareStrength(rules, identityOf(one), identityOf(other)));
  assert.deepEqual(sortBy(read([]).component.rules), sorted);
  const byId = ['em:1', 'em:2', 'other:1', 'no:5', 'no:6', 'ph:1', 'more:0', 'user:1'];
  assert.deepEqual(sortBy(usualRules), byId);
});

for (const seed of [1, 2, 3]) {
  test(`after each write of random histories the model decides the same (seed ${seed})`, () => {
    compareHistories(seed, 400);
  });
}
