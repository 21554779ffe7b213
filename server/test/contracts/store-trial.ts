/** A store under test: a backend opened in a temporary folder, with a clock that the test moves. */
import type { TestContext } from 'node:test';
import type { RunLease } from '../../src/stores/run-lease.ts';
import type {
  BatchReport,
  ContactChange,
  ContactReader,
  ContactWriter,
  RunPeopleReport,
} from '../../src/stores/store.ts';
import { makeDataFolder } from '../stores/sample-changes.ts';

export interface OpenStore {
  readonly writer: ContactWriter;
  readonly reader: ContactReader;
  close(): Promise<void>;
}

export interface StoreBackend {
  readonly name: string;
  /** Opens the store of the folder, or creates it. */
  open(dataFolder: string, nowMs: () => number): Promise<OpenStore>;
}

/** A store in a temporary folder, with a clock that the test moves. */
export interface StoreTrial extends OpenStore {
  readonly clock: { nowMs: number };
  /** Applies the changes as one run of organization 1, dataset 1, unless `where` says otherwise. */
  apply(changes: readonly ContactChange[], where?: Place): Promise<BatchReport & RunPeopleReport>;
  /** What a run did to people, asked in many small steps. */
  reportRun(lease: RunLease): Promise<RunPeopleReport>;
  beginRun(runId: string, where?: Place): Promise<RunLease>;
  /** Closes the store and opens it again. Earlier handles become invalid. */
  reopen(): Promise<void>;
}

export interface Place {
  readonly organizationId?: number;
  readonly datasetId?: number;
}

export type TrialTest = (name: string, run: (trial: StoreTrial) => Promise<void>) => void;

export async function startTrial(backend: StoreBackend, t: TestContext): Promise<StoreTrial> {
  const dataFolder = makeDataFolder(t);
  const clock = { nowMs: Date.UTC(2026, 10, 23) };
  const open = () => backend.open(dataFolder, () => clock.nowMs);
  let store = await open();
  let runs = 0;
  t.after(() => store.close());
  const beginRun = (runId: string, { organizationId = 1, datasetId = 1 }: Place = {}) =>
    store.writer.beginRun({ runId, organizationId, datasetId });
  const reportRun = async (lease: RunLease) => {
    let report = await store.writer.reportRun(lease, null, 2);
    while (report.next !== null) {
      const next = await store.writer.reportRun(lease, report.next, 2);
      report = { ...next, refusedClaims: [...report.refusedClaims, ...next.refusedClaims] };
    }
    return report;
  };
  return {
    clock,
    reportRun,
    get writer() {
      return store.writer;
    },
    get reader() {
      return store.reader;
    },
    beginRun,
    close: () => store.close(),
    async apply(changes, where) {
      runs += 1;
      const lease = await beginRun(`run-${runs}`, where);
      const report = await store.writer.applyBatch(lease, changes);
      const people = await reportRun(lease);
      await store.writer.finishRun(lease, { baselineId: `baseline-${runs}`, asOfMs: 0 });
      return { ...report, ...people };
    },
    async reopen() {
      await store.close();
      store = await open();
    },
  };
}
