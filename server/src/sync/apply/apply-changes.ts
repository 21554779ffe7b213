/** Sends changes to the store in batches, with a few under way at a time. */
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { BatchReport, ContactChange, ContactWriter } from '../../stores/store.ts';
import { claimOf, identityOf } from '../compare/list-other-claims.ts';
import { maxBatchesInFlight } from '../limits.ts';
import { type FeedLayout, openParser } from '../stage/open-parser.ts';
import type { ChangeBatch, ChangeLayout } from '../stage/parse-changes.ts';
import { makeEmpty, type Tables } from '../table/tables.ts';

export interface AppliedCounts {
  added: number;
  changed: number;
  unchanged: number;
  stale: number;
  cleared: number;
  /** Rows of a list whose contact is not known. */
  unmatched: number;
}

export const noneApplied: AppliedCounts = {
  ...{ added: 0, changed: 0, unchanged: 0 },
  ...{ stale: 0, cleared: 0, unmatched: 0 },
};

export interface ApplyOptions {
  readonly workbench: Workbench;
  readonly tables: Tables<'refusedRows'>;
  readonly writer: ContactWriter;
  readonly lease: RunLease;
  readonly onProgress: (rowsDone: number) => void;
  readonly interrupted: AbortSignal;
  /** Only for the kind `membership`. */
  readonly feed?: FeedLayout;
}

/** @param parts of whole rows (`changedParts`); rows that the store refuses end in `refusedRows` */
export async function applyChanges(
  options: ApplyOptions,
  layout: ChangeLayout,
  parts: AsyncIterable<Buffer>,
): Promise<AppliedCounts> {
  const batches = new BatchSender(options);
  const parser = openParser(layout, options.feed);
  for await (const bytes of parts) {
    for (const batch of parser.push(bytes)) await batches.send(batch);
  }
  for (const batch of parser.end()) await batches.send(batch);
  return batches.finish();
}

/** Applies changes of a kind without values to the contacts that these claims name. */
export async function applyToClaims(
  options: ApplyOptions,
  kind: ClaimChangeKind,
  claims: AsyncIterable<string>,
): Promise<AppliedCounts> {
  const batches = new BatchSender(options);
  for await (const changes of changesOfClaims(kind, claims)) {
    await batches.send({ changes, release: () => undefined });
  }
  return batches.finish();
}

type ClaimChangeKind = 'clear' | 'keep-age';

export async function* changesOfClaims(
  kind: ClaimChangeKind,
  claims: AsyncIterable<string>,
): AsyncGenerator<readonly ContactChange[]> {
  let batch: ContactChange[] = [];
  for await (const claim of claims) {
    const identities = [{ ...identityOf(claim), value: '' }];
    batch.push({ kind, identities, section: new Uint8Array() });
    if (batch.length < maxRowsPerBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The code of a row whose contact is not known yet: no error, the row is tried again. */
export const unmatchedCode = 'unmatched';

export function makeRefused(workbench: Workbench): Promise<Tables<'refusedRows'>> {
  return makeEmpty(workbench, ['refusedRows']);
}

class BatchSender {
  readonly #options: ApplyOptions;
  readonly #counts: AppliedCounts = { ...noneApplied };
  readonly #inFlight: Promise<void>[] = [];
  #failure: unknown;
  #rowsDone = 0;

  constructor(options: ApplyOptions) {
    this.#options = options;
  }

  async send({ changes, rows, release }: ChangeBatch): Promise<void> {
    if (this.#inFlight.length >= maxBatchesInFlight) await this.#inFlight.shift();
    this.#refuse();
    const { writer, lease } = this.#options;
    const sent = writer
      .applyBatch(lease, changes)
      .then((report) => this.#take({ changes, rows }, report))
      .then(release, (cause: unknown) => {
        this.#failure ??= cause;
      });
    this.#inFlight.push(sent);
  }

  async finish(): Promise<AppliedCounts> {
    await Promise.all(this.#inFlight.splice(0));
    this.#refuse();
    return this.#counts;
  }

  async #take(
    { changes, rows }: { changes: readonly ContactChange[]; rows: readonly number[] | undefined },
    report: BatchReport,
  ): Promise<void> {
    this.#counts.added += report.added;
    this.#counts.changed += report.changed;
    this.#counts.unchanged += report.unchanged;
    this.#counts.stale += report.stale;
    this.#counts.cleared += report.cleared;
    this.#rowsDone += changes.length;
    this.#options.onProgress(this.#rowsDone);
    this.#counts.unmatched += report.unmatched.length;
    const unmatched = report.unmatched.map((index) => ({ index, code: unmatchedCode }));
    const refused = [...report.rejected, ...unmatched];
    if (refused.length === 0) return;
    const noted = refused.map(({ index, code }) => {
      const [first] = changes[index]?.identities ?? [];
      return [first === undefined ? '' : claimOf(first), code, rows?.[index] ?? null];
    });
    await this.#options.workbench.append(this.#options.tables.refusedRows, noted);
  }

  #refuse(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#options.interrupted.throwIfAborted();
  }
}
