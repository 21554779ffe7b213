/**
 * Random histories of the model: settings, and steps that become actions once the state is known.
 * Few values and few datasets, so that rows often share identities.
 */
import fc from 'fast-check';
import type { IdentityModel } from './identity-model.ts';
import {
  claimedBy,
  type DatasetRules,
  type Identity,
  type IdentitySettings,
} from './identity-state.ts';
import type { IncomingRow } from './model-state.ts';
import { relatedTo } from './related-identities.ts';

export interface RunAction {
  readonly kind: 'run';
  readonly dataset: string;
  readonly rows: readonly IncomingRow[];
  /** The order in which another run of the same rows applies them: the lowest rank first. */
  readonly ranks: readonly number[];
  /** After how many steps attempts of that run are killed. */
  readonly kills: readonly number[];
  /** Whether rows that share an identity are in one batch. If not, each row is a batch. */
  readonly isTogether: boolean;
  /** Whether the first attempt is killed and left, so that other writes come before the next. */
  readonly isLeft: boolean;
}

export type Action =
  | RunAction
  | { readonly kind: 'push'; readonly dataset: string; readonly row: IncomingRow }
  | { readonly kind: 'merge'; readonly one: Identity; readonly other: Identity }
  | { readonly kind: 'unmerge'; readonly entry: number }
  | { readonly kind: 'split' | 'erase'; readonly identity: Identity }
  | { readonly kind: 'part'; readonly by?: string }
  | { readonly kind: 'backup' | 'restore' }
  | { readonly kind: 'rollback'; readonly dataset: string }
  | { readonly kind: 'wait'; readonly days: number };

const typeNames = ['number', 'user', 'email', 'phone'] as const;
const values = ['0', '1', '2'] as const;

/** Every identity that a random history can name. */
export const everyIdentity: readonly Identity[] = typeNames.flatMap((type) =>
  values.map((value) => `${type}:${value}`),
);

const datasets: fc.Arbitrary<DatasetRules[]> = fc
  .record({
    hasPhone: fc.boolean(),
    shop: fc.constantFrom('append', 'snapshot'),
    news: fc.constantFrom('append', 'snapshot'),
    web: fc.constantFrom(['number', 'user', 'email'], ['user', 'number', 'email']),
    links: fc.constantFrom('snapshot', 'push'),
  })
  .map(({ hasPhone, shop, news, web, links }) => [
    dataset('crm', 'snapshot', ['number', 'email', ...(hasPhone ? ['phone'] : [])]),
    dataset('shop', shop, ['user', 'email', 'phone']),
    dataset('news', news, ['email']),
    dataset('web', 'push', web),
    { ...dataset('links', links, ['number', 'user', 'email']), kind: 'identity' },
  ]);

function dataset(
  name: string,
  mode: DatasetRules['mode'],
  identifiers: readonly string[],
): DatasetRules {
  return { name, kind: 'contact', mode, identifiers };
}

export const randomSettings: fc.Arbitrary<IdentitySettings> = fc
  .record({
    hasStable: fc.boolean(),
    doPhonesJoin: fc.boolean(),
    datasets,
    trust: fc.constantFrom([], [], ['crm']),
    maxIdentities: fc.constantFrom(4, 6, 100),
    maxPerContact: fc.constantFrom(20, 20, 2),
    sharedLimit: fc.constantFrom(1, 2, 3),
    blocked: fc.constantFrom([], [], [], [], ['0']),
  })
  .map(({ hasStable, doPhonesJoin, maxPerContact, ...others }) => ({
    ...others,
    types: typeNames.map((name) => ({
      name,
      joins: name !== 'phone' || doPhonesJoin,
      isStable: hasStable && name === 'number',
      maxPerContact,
    })),
  }));

const place = fc.nat(59);
const share = fc.nat(99);
const value = fc.option(fc.constantFrom(...values), { freq: 4, nil: undefined });
const pool = fc.record({
  number: value,
  user: value,
  email: value,
  phone: value,
  section: fc.constantFrom('s0', 's1', 's2', 's3'),
});

const runStep = fc.record({
  kind: fc.constant('run' as const),
  dataset: place,
  /** A row that is there stays if its share is high enough. */
  kept: fc.array(share, { minLength: 6, maxLength: 6 }),
  /** The identifier whose values rotate among the rows that stay. */
  rotated: fc.option(place, { freq: 1, nil: undefined }),
  /** The identifier whose values the rows that stay let go. */
  lost: fc.option(place, { freq: 1, nil: undefined }),
  /** Whether no row stays. */
  isEmpty: fc.nat(7).map((number) => number === 7),
  added: fc.array(pool, { maxLength: 3, size: 'max' }),
  ranks: fc.array(share, { minLength: 6, maxLength: 6 }),
  kills: fc.array(fc.nat(7), { minLength: 1, maxLength: 2 }),
  isTogether: fc.boolean(),
  isLeft: fc.nat(9).map((number) => number === 9),
});

const pushStep = fc.record({
  kind: fc.constant('push' as const),
  dataset: place,
  row: pool,
  cleared: fc.option(place, { freq: 1, nil: undefined }),
});

const identity = fc.constantFrom(...everyIdentity);

const eraseStep = fc.record({
  kind: fc.constant('erase' as const),
  identity,
  /** Mostly the place of a person to whom more belonged earlier. */
  earlier: fc.option(place, { freq: 3, nil: undefined }),
});

const step = fc.oneof(
  { weight: 50, arbitrary: runStep },
  { weight: 20, arbitrary: pushStep },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('merge' as const), one: place, other: place }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('unmerge' as const), merge: place }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('split' as const), identity }) },
  { weight: 6, arbitrary: eraseStep },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('part' as const), by: place }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('backup' as const, 'restore' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rollback' as const), dataset: place }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), days: fc.constantFrom(1, 20, 40) }),
  },
);

type Values<Made> = Made extends fc.Arbitrary<infer Value> ? Value : never;
export type Step = Values<typeof step>;

/** Rows let identities go, or are gone, and then somebody is erased to whom these belonged. */
const forgottenSteps: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.array(runStep, { minLength: 2, maxLength: 3 }), eraseStep, place, fc.nat(2))
  .map(([runs, erasure, earlier, at]) => [
    ...runs.map((run, place) => {
      const quiet = { ...run, added: place === 0 ? run.added : [], isLeft: false };
      return { ...quiet, lost: place === 0 ? undefined : earlier, isEmpty: place === at };
    }),
    { ...erasure, earlier },
  ]);

/** A history has at most so many steps. */
export const maxSteps = 16;

export const randomSteps = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: step.map((it): readonly Step[] => [it]) },
      { weight: 1, arbitrary: forgottenSteps },
    ),
    { minLength: 3, maxLength: 12, size: 'max' },
  )
  .map((steps) => steps.flat().slice(0, maxSteps));

/** What a step does in this state. `undefined` if it can do nothing. */
export function actionOf(model: IdentityModel, step: Step): Action | undefined {
  const { settings, merges } = model.state;
  switch (step.kind) {
    case 'run':
      return runAction(model, step);
    case 'push':
      return pushAction(settings, step);
    case 'merge': {
      const known = everyIdentity.filter((it) => model.rowsAt(it).length > 0);
      const [one, other] = [pick(known, step.one), pick(known, step.other)];
      return one === undefined || other === undefined ? undefined : { kind: 'merge', one, other };
    }
    case 'unmerge': {
      const merge = pick(merges, step.merge);
      return merge === undefined ? undefined : { kind: 'unmerge', entry: merge.entry };
    }
    case 'part': {
      const by = pick([...settings.datasets, undefined], step.by);
      return by === undefined ? { kind: 'part' } : { kind: 'part', by: by.name };
    }
    case 'erase': {
      const { kind, identity: named, earlier } = step;
      const people = earlier === undefined ? [] : withEarlier(model);
      return { kind, identity: pick(people, earlier ?? 0) ?? named };
    }
    case 'rollback': {
      const { name } = chosen(settings.datasets, step.dataset);
      return { kind: 'rollback', dataset: name };
    }
    default:
      return step;
  }
}

/** Mostly the rows that are there, some of them changed, gone or new. */
function runAction(model: IdentityModel, step: Step & { readonly kind: 'run' }): RunAction {
  const { settings, rows } = model.state;
  const { ranks, kills, isTogether, isLeft } = step;
  const readable = settings.datasets.filter(({ mode }) => mode !== 'push');
  const rules = chosen(readable, step.dataset);
  const least = rules.mode === 'snapshot' ? 15 : 75;
  const known = [...rows.values()].filter(({ dataset: name }) => name === rules.name);
  const kept = known
    .filter((_, at) => !step.isEmpty && chosen(step.kept, at) >= least)
    .map((row) => ({ identities: claimedBy(row), section: row.section }));
  const type = step.rotated === undefined ? undefined : chosen(rules.identifiers, step.rotated);
  const added = step.added.map((it) => rowOf(rules, it));
  const rotated = type === undefined ? kept : rotate(kept, type);
  const lost = step.lost === undefined ? undefined : chosen(rules.identifiers, step.lost);
  const changed = lost === undefined ? rotated : rotated.map((row) => withoutType(row, lost));
  return {
    kind: 'run',
    dataset: rules.name,
    rows: [...changed, ...added],
    ranks,
    kills,
    isTogether,
    isLeft,
  };
}

/** The identities of people to whom more belonged earlier. */
function withEarlier({ state }: IdentityModel): Identity[] {
  return everyIdentity.filter((it) => {
    const group = state.decision.groupOf.get(it);
    const isContact = group !== undefined && group.rows.length > 0;
    const sought = isContact ? group.identities : new Set([it]);
    return relatedTo(state, { sought, lost: isContact ? undefined : it }).length > 0;
  });
}

/** A row always keeps its first identity. */
function withoutType({ identities, section }: IncomingRow, type: string): IncomingRow {
  const left = identities.filter((it, at) => at === 0 || !it.startsWith(`${type}:`));
  return { identities: left, section };
}

/** Gives each row the next row's value of a type. */
function rotate(rows: readonly IncomingRow[], type: string): IncomingRow[] {
  const isOfType = (it: Identity) => it.startsWith(`${type}:`);
  return rows.map((row, at) => {
    const next = rows[(at + 1) % rows.length]?.identities.filter(isOfType) ?? [];
    return { ...row, identities: [...row.identities.filter((it) => !isOfType(it)), ...next] };
  });
}

function pushAction(settings: IdentitySettings, step: Step & { readonly kind: 'push' }): Action {
  const rules = chosen(
    settings.datasets.filter(({ mode }) => mode === 'push'),
    step.dataset,
  );
  const { identifiers } = rules;
  const cleared = step.cleared === undefined ? [] : [chosen(identifiers, step.cleared)];
  return { kind: 'push', dataset: rules.name, row: { ...rowOf(rules, step.row), cleared } };
}

function rowOf(
  { identifiers }: DatasetRules,
  { section, ...named }: Values<typeof pool>,
): IncomingRow {
  const identities = Object.entries(named).flatMap(([type, text]) =>
    identifiers.includes(type) && text !== undefined ? [`${type}:${text}`] : [],
  );
  return { identities, section };
}

function pick<Item>(items: readonly Item[], at: number): Item | undefined {
  return items[at % items.length];
}

function chosen<Item>(items: readonly Item[], at: number): Item {
  const item = items[at % items.length];
  if (item === undefined) throw new Error('There is nothing to choose from.');
  return item;
}
