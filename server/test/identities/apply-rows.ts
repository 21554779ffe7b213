/** What runs do in the model: rows are replaced, and rows that are gone lose their claims. */
import { endWrite, noteBreaks, settle } from './contact-ids.ts';
import {
  datasetRules,
  describeRow,
  type Identity,
  type Row,
  rowName,
  typeOf,
} from './identity-state.ts';
import {
  type IncomingRow,
  type ModelState,
  nextVersion,
  type Undo,
  usableIdentities,
} from './model-state.ts';
import { isSuppressed } from './suppressed-rows.ts';

/** How a run goes. Without them it applies all rows in one batch. */
export interface RunOptions {
  /** The batches: the places of the rows of each. */
  readonly batches?: (rows: readonly IncomingRow[]) => readonly (readonly number[])[];
  /** The run is killed after so many steps: a row that is gone is a step, and a batch is one. */
  readonly killAfter?: number;
}

/** The write that changes a row: its version, and what a rollback needs. */
interface Write {
  readonly dataset: string;
  readonly version: number;
  readonly undo?: Undo;
}

/**
 * Runs a dataset. All attempts since its last finished run share one version. In snapshot mode the
 * rows that are gone come first.
 */
export function applyRun(
  state: ModelState,
  { dataset, rows }: { readonly dataset: string; readonly rows: readonly IncomingRow[] },
  { batches, killAfter }: RunOptions,
): void {
  const changes = withoutRepeats(state, dataset, rows);
  const gone = goneRows(state, dataset, new Set(changes.keys()));
  const incoming = [...changes.values()];
  const steps = [
    ...gone.map(
      ({ key }) =>
        (write: Write) =>
          replaceRow(state, key, { ...write, row: undefined }),
    ),
    ...(batches?.(incoming) ?? [[...incoming.keys()]]).map((batch) => (write: Write) => {
      for (const at of batch) applyRow(state, write, incoming[at]);
    }),
  ].slice(0, killAfter);
  // An attempt that applies nothing leaves nothing behind: its version neither.
  if (killAfter !== undefined && steps.length === 0) return;
  const write = startRun(state, dataset);
  for (const step of steps) {
    step(write);
    settle(state, write.version);
  }
  if (killAfter !== undefined) return;
  state.openVersions.delete(dataset);
  endWrite(state, write.version, write.undo);
}

function startRun(state: ModelState, dataset: string): Write & { readonly undo: Undo } {
  const version = state.openVersions.get(dataset) ?? nextVersion(state);
  state.openVersions.set(dataset, version);
  const known = state.undo.find((it) => it.dataset === dataset && it.version === version);
  const undo: Undo = known ?? {
    dataset,
    version,
    rows: new Map(),
    attempts: [],
    breaks: new Map(),
    forgotten: new Map(),
  };
  if (known === undefined) state.undo.push(undo);
  undo.attempts.push(new Map());
  return { dataset, version, undo };
}

/** Of rows with one key the last counts. What rows of an identity dataset say adds up. */
function withoutRepeats(
  state: ModelState,
  dataset: string,
  rows: readonly IncomingRow[],
): Map<Identity, IncomingRow> {
  const byKey = new Map<Identity, IncomingRow>();
  for (const row of rows) {
    const [key] = usableIdentities(state, dataset, row.identities);
    if (key === undefined) continue;
    const addsUp = datasetRules(state.settings, dataset).kind === 'identity';
    const said = addsUp ? (byKey.get(key)?.identities ?? []) : [];
    byKey.set(key, { ...row, identities: [...new Set([...said, ...row.identities])] });
  }
  return byKey;
}

function goneRows(state: ModelState, dataset: string, keys: ReadonlySet<Identity>): Row[] {
  if (datasetRules(state.settings, dataset).mode !== 'snapshot') return [];
  return [...state.rows.values()].filter((row) => row.dataset === dataset && !keys.has(row.key));
}

/** Applies a row of a run: it claims what it names, and lets go what it does not name now. */
function applyRow(state: ModelState, write: Write, incoming: IncomingRow | undefined): void {
  if (incoming === undefined) return;
  const { kind, mode } = datasetRules(state.settings, write.dataset);
  const named = usableIdentities(state, write.dataset, incoming.identities);
  const [key] = named;
  if (key === undefined) return;
  const before = state.rows.get(rowName(write.dataset, key));
  if (isSuppressed(state, { dataset: write.dataset, named, isPush: false })) return;
  const known = new Map(
    [...(before?.claims.values() ?? [])].map((claim) => [claim.identity, claim]),
  );
  const fresh = { since: write.version, isOfSnapshot: mode === 'snapshot' };
  const claims = named
    .filter((identity) => !state.suppressed.has(identity))
    .map((identity) => known.get(identity) ?? { identity, ...fresh })
    .map(
      (claim) => [kind === 'identity' ? claim.identity : typeOf(claim.identity), claim] as const,
    );
  const isSame = before?.section === incoming.section;
  const version = isSame ? before.version : write.version;
  const { dataset } = write;
  const row = { dataset, key, claims: new Map(claims), section: incoming.section, version };
  if (describeRow(before) !== describeRow(row)) replaceRow(state, key, { ...write, row });
}

/** Puts a row in the place of the one with its key, or takes that away. */
export function replaceRow(
  state: ModelState,
  key: Identity,
  { dataset, version, undo, row }: Write & { readonly row: Row | undefined },
): void {
  const name = rowName(dataset, key);
  const before = state.rows.get(name);
  noteBreaks(state, { before, after: row }, { version, undo });
  if (row === undefined) state.rows.delete(name);
  else state.rows.set(name, row);
  for (const rows of undo === undefined ? [] : [undo.rows, ...undo.attempts.slice(-1)]) {
    const noted = rows.get(name);
    if (noted === undefined) rows.set(name, { before, after: row });
    else noted.after = row;
  }
}
