/** Sends changed rows to the store in bounded batches, a few of them on their way at a time. */

import type { Workbench } from '../../sources/workbench.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { BatchReport, ContactChange, ContactWriter } from '../../stores/store.ts';
import { claimOf } from '../compare/list-other-claims.ts';
import { maxBatchesInFlight } from '../limits.ts';
import { type FeedLayout, openParser } from '../stage/open-parser.ts';
import type { ChangeBatch, ChangeLayout } from '../stage/parse-changes.ts';

export interface AppliedCounts {
  added: number;
  changed: number;
  unchanged: number;
  stale: number;
  cleared: number;
  /** Rows of a list that no contact is known for. */
  unmatched: number;
}

export interface ApplyOptions {
  readonly workbench: Workbench;
  readonly writer: ContactWriter;
  readonly lease: RunLease;
  readonly onProgress: (rowsDone: number) => void;
  readonly interrupted: AbortSignal;
  /** Of the kind `membership`. */
  readonly feed?: FeedLayout;
}

/**
 * @param parts of whole rows, as `compare-rows.ts` gives them. Refused rows end in the table
 *   `refused`, by the claim of their first identity; those of a feed, which may share it, by their
 *   number as well.
 */
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

/** @param changes of kinds that carry no values, as `clear`; any number */
export async function applyWithoutValues(
  options: ApplyOptions,
  changes: AsyncIterable<readonly ContactChange[]>,
): Promise<AppliedCounts> {
  const batches = new BatchSender(options);
  for await (const batch of changes) await batches.send({ changes: batch, release: nothing });
  return batches.finish();
}

const nothing = () => undefined;

/**
 * In `refused`: nothing is wrong with the row; its contact is not known yet, so that it is tried
 * again.
 */
export const unmatchedCode = 'unmatched';

export async function makeRefused(workbench: Workbench): Promise<void> {
  await workbench.run('CREATE OR REPLACE TABLE refused (claim VARCHAR, code VARCHAR, n BIGINT)');
}

class BatchSender {
  readonly #options: ApplyOptions;
  readonly #counts: AppliedCounts = {
    ...{ added: 0, changed: 0, unchanged: 0 },
    ...{ stale: 0, cleared: 0, unmatched: 0 },
  };
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
    await this.#options.workbench.append('refused', noted);
  }

  #refuse(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#options.interrupted.throwIfAborted();
  }
}
