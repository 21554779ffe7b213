/** `usher sync list` and `usher sync show`. */
import { rfc3339 } from '../../administration/administration.ts';
import type { Run } from '../../catalog/catalog.ts';
import { refusedClaimsFile, rejectionsFile } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import { findOneRun } from '../../runs/find-run.ts';
import { viewRun } from '../../runs/view-run.ts';
import type { CommandSession } from '../command-frame.ts';
import { amount, countOf, peopleLines } from '../import/import-words.ts';
import type { SuggestedCommands } from '../suggested-command.ts';
import { withOrganization } from '../with-administration.ts';
import { decisionLines, planLines, stateWords } from './sync-words.ts';

export async function listSyncs(
  session: CommandSession,
  dataset: string | undefined,
  { limit }: { readonly limit: number },
): Promise<void> {
  await withOrganization(session, async ({ catalog }, organizationId) => {
    const { runs, names } = await catalog.read(async (view) => {
      const datasets = await view.listDatasets(organizationId);
      const one = datasets.find(({ name }) => name === dataset);
      if (dataset !== undefined && one === undefined) throw noDataset(dataset);
      const filter = { limit, ...(one !== undefined && { datasetId: one.id }) };
      const list = await view.listRuns(organizationId, filter);
      return { runs: list, names: new Map(datasets.map(({ id, name }) => [id, name])) };
    });
    const rows = runs.map((run) => runData(run, names.get(run.datasetId) ?? ''));
    session.output.table(rows, {
      RUN: (row) => row.run_id.slice(0, 8),
      DATASET: (row) => shortened(row.dataset, listedNameLength),
      STATE: (row) => listedState(row),
      STARTED: (row) => listedTime(row.started_at),
      ROWS: (row) => roundAmount(row.rows_read),
      CHANGED: (row) => roundAmount(row.added + row.changed + row.cleared),
      REJECTED: (row) => roundAmount(row.rejected),
    });
  });
}

/** 8 + 16 + 11 + 11 + 5 + 7 + 8 characters and six gaps of 2 fit a terminal of 80 columns. */
const listedNameLength = 16;

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function listedState({ kind, state, state_words }: ReturnType<typeof runData>): string {
  if (state === 'waiting' && state_words !== 'approved') return 'waiting';
  return kind === 'rollback' && state === 'succeeded' ? 'rollback' : state_words;
}

/** `11-28 14:31` in UTC. `usher sync show` has the whole time. */
function listedTime(startedAt: string): string {
  return startedAt.slice(5, 16).replace('T', ' ');
}

/** `1.2M`: at most 5 characters. */
function roundAmount(number: number): string {
  return number.toLocaleString('en-US', { notation: 'compact' });
}

export async function showRun(session: CommandSession, reference: string): Promise<void> {
  await withOrganization(session, async (administration, organizationId) => {
    const run = await findOneRun({ administration, organizationId }, reference);
    const datasets = await administration.catalog.read((view) => view.listDatasets(organizationId));
    const dataset = datasets.find(({ id }) => id === run.datasetId)?.name ?? '';
    session.output.data(runData(run, dataset), () => runWords(run, dataset, session.suggest.next));
  });
}

function runData(run: Run, dataset: string) {
  return { ...viewRun(run, dataset), state_words: stateWords(run), seconds: secondsOf(run) };
}

function runWords(run: Run, dataset: string, suggest: SuggestedCommands['next']): string {
  const isOpen = run.state === 'waiting' && run.approvedBy === null;
  const lines = [
    `run ${run.id} of ${dataset}: ${run.kind}, ${run.trigger.replace('_', ' ')}, ${stateWords(run)}`,
    `started ${rfc3339(run.startedAtMs)}${run.endedAtMs === null ? '' : `, ${secondsOf(run)} s`}, ${amount(run.bytes)} bytes`,
    `${countOf(run.rowsRead, 'row')} read: ${countWords(run)}`,
  ];
  if (run.rejected > 0) lines.push(...rejectedLines(run));
  lines.push(...peopleLines(run.people));
  if (Object.keys(run.people.refusedClaims).length > 0) {
    lines.push(`All claims without effect: ${refusedClaimsFile(run.id)} of the data folder`);
  }
  if (run.errorCode !== null) lines.push(`${run.errorCode}: ${run.errorDetail ?? ''}`);
  // Why a run that waited for approval was interrupted.
  else if (run.errorDetail !== null) lines.push(run.errorDetail);
  if (run.plan !== null) lines.push(...planLines(run.plan, isOpen ? 'now' : 'then'));
  if (run.approvedBy !== null) lines.push(`approved by ${run.approvedBy}`);
  if (run.approvalOf !== null) lines.push(`applies the approved run ${run.approvalOf}`);
  if (isOpen) lines.push(...decisionLines(run.id, suggest));
  return lines.join('\n');
}

function countWords({ added, changed, unchanged, stale, cleared, rejected }: Run): string {
  const counts = { added, changed, unchanged, ...(stale > 0 && { stale }), cleared, rejected };
  return Object.entries(counts)
    .map(([name, count]) => `${amount(count)} ${name}`)
    .join(', ');
}

function rejectedLines({ id, rejected, rejections }: Run): string[] {
  const counts = Object.entries(rejections).map(([code, count]) => `${code} ${amount(count)}`);
  const codes = counts.length === 0 ? '' : ` (${counts.join(', ')})`;
  return [`${countOf(rejected, 'rejected row')}${codes}: ${rejectionsFile(id)} of the data folder`];
}

function secondsOf({ startedAtMs, endedAtMs }: Run): number | null {
  return endedAtMs === null ? null : Math.max(0, endedAtMs - startedAtMs) / 1_000;
}

function noDataset(name: string): UsherError {
  return new UsherError(
    'resource_not_found',
    `There is no dataset ${name}. To list the datasets: usher dataset list`,
  );
}
