/**
 * Everything that the model of the identity rules keeps: the state that the rules look at, contact
 * ids, tombstones, suppressions, and what a rollback puts back.
 */
import { type Decision, whoAnswers } from './identity-rules.ts';
import {
  compareTexts,
  type Identity,
  type IdentitySettings,
  type IdentityState,
  type Merge,
  type Row,
  textOf,
  typeOf,
  typeRules,
} from './identity-state.ts';
import { type LoggedJoin, unlogJoin } from './logged-joins.ts';

/** A row as a run or a push brings it. */
export interface IncomingRow {
  readonly identities: readonly Identity[];
  /** Identity types that a patch sets to `null`. */
  readonly cleared?: readonly string[];
  readonly section: string;
}

interface Tombstone {
  readonly founder: Identity;
  /** The day on which the founder went. */
  readonly since: number;
}

export interface NotedRow {
  before: Row | undefined;
  after: Row | undefined;
}

type NotedRows = Map<string, NotedRow>;

/** What a run changed, so that a rollback can put it back. */
export interface Undo {
  readonly dataset: string;
  readonly version: number;
  /** By row name: the row before the run, and as the run left it. */
  readonly rows: NotedRows;
  /** The same of each attempt. */
  readonly attempts: NotedRows[];
  /** The breaks before the run, of identities whose breaks it changed. */
  readonly breaks: Map<Identity, number | undefined>;
  /** Join memory that ended with the run. */
  readonly forgotten: Map<string, number>;
}

export interface ModelState extends IdentityState {
  rows: Map<string, Row>;
  merges: Merge[];
  bars: Map<string, number>;
  joinMemory: Map<string, number>;
  /** Pairs of keys that unfinished writes joined, with the version that did. */
  newJoins: Map<string, number>;
  breaks: Map<Identity, number>;
  suppressed: Set<Identity>;
  /** Names of rows of others that let a suppressed identity go. */
  keptRows: Set<string>;
  /** Contact id to its founder, the oldest id first. */
  founders: Map<number, Identity>;
  tombstones: Map<number, Tombstone>;
  undo: Undo[];
  log: readonly LoggedJoin[];
  /** The version of each dataset whose newest run has not ended. */
  openVersions: Map<string, number>;
  version: number;
  day: number;
  nextContactId: number;
  decision: Decision;
}

export function newState(settings: IdentitySettings): ModelState {
  const empty = {
    settings,
    rows: new Map<string, Row>(),
    merges: [],
    bars: new Map<string, number>(),
    joinMemory: new Map<string, number>(),
    breaks: new Map<Identity, number>(),
  };
  return {
    ...empty,
    newJoins: new Map(),
    suppressed: new Set(),
    keptRows: new Set(),
    founders: new Map(),
    tombstones: new Map(),
    undo: [],
    log: [],
    openVersions: new Map(),
    version: 0,
    day: 0,
    nextContactId: 1,
    decision: whoAnswers(empty),
  };
}

/**
 * A copy that later writes leave alone. Rows and decisions never change, so the copies share them.
 */
export function copyState(state: ModelState): ModelState {
  return {
    ...state,
    rows: new Map(state.rows),
    merges: [...state.merges],
    bars: new Map(state.bars),
    joinMemory: new Map(state.joinMemory),
    newJoins: new Map(state.newJoins),
    breaks: new Map(state.breaks),
    suppressed: new Set(state.suppressed),
    keptRows: new Set(state.keptRows),
    founders: new Map(state.founders),
    tombstones: new Map(state.tombstones),
    openVersions: new Map(state.openVersions),
    undo: state.undo.map(({ dataset, version, rows, attempts, breaks, forgotten }) => ({
      dataset,
      version,
      rows: copyNoted(rows),
      attempts: attempts.map(copyNoted),
      breaks: new Map(breaks),
      forgotten: new Map(forgotten),
    })),
  };
}

function copyNoted(rows: NotedRows): NotedRows {
  return new Map([...rows].map(([name, noted]) => [name, { ...noted }]));
}

/** Gives the write that starts now its version. */
export function nextVersion(state: ModelState): number {
  dropLapsedJoins(state);
  state.version += 1;
  return state.version;
}

/** Drops what was joined, and was parted before it was remembered. */
export function dropLapsedJoins(state: ModelState): void {
  const { decision, newJoins } = state;
  const pairs = new Set(decision.evidence.map(({ pair }) => pair));
  for (const [pair, version] of [...newJoins]) {
    if (pairs.has(pair)) continue;
    newJoins.delete(pair);
    unlogJoin(state, version, pair);
  }
}

/** The place of an identity's type in a dataset: the lowest is the row's key. */
export function keyRank(state: IdentityState, dataset: string, identity: Identity): number {
  if (typeRules(state.settings, identity).isStable) return -1;
  const rules = state.settings.datasets.find(({ name }) => name === dataset);
  return rules?.identifiers.indexOf(typeOf(identity)) ?? -1;
}

/** The identities of a row that are not blocked. The first one is the row's key. */
export function usableIdentities(
  state: IdentityState,
  dataset: string,
  identities: readonly Identity[],
): Identity[] {
  const rank = (identity: Identity) => keyRank(state, dataset, identity);
  return identities
    .filter((identity) => !state.settings.blocked.includes(textOf(identity)))
    .sort((one, other) => rank(one) - rank(other) || compareTexts(one, other));
}
