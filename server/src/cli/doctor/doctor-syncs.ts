/** `usher doctor`: finds failed and waiting runs, paused schedules and rejected rows. */
import type { Administration } from '../../administration/administration.ts';
import type { DatasetRecord, Run, ScheduleState } from '../../catalog/catalog.ts';
import { findLastReport } from '../../runs/find-run.ts';
import { amount, countOf } from '../import/import-words.ts';
import type { DoctorFinding } from './doctor-store.ts';

interface NamedOrganization {
  readonly id: number;
  readonly name: string;
}

export async function checkSyncs(
  { catalog }: Administration,
  organizations: readonly NamedOrganization[],
): Promise<readonly DoctorFinding[]> {
  return catalog.read(async (view) => {
    const states = await view.listScheduleStates();
    const details: string[] = [];
    let synced = 0;
    for (const organization of organizations) {
      for (const dataset of await view.listDatasets(organization.id)) {
        const source = dataset.definition?.source;
        if (source == null || source.kind === 'push') continue;
        synced += 1;
        const [run] = await view.listRuns(organization.id, { datasetId: dataset.id, limit: 1 });
        const state = states.find(
          (one) => one.datasetId === dataset.id && one.organizationId === organization.id,
        );
        details.push(...wordsOf({ organization, dataset, run, state }));
      }
    }
    if (synced === 0) return [];
    if (details.length > 0) {
      return details.map((detail) => ({ check: 'sync', state: 'warning', detail }));
    }
    const detail = `${countOf(synced, 'dataset')}: none failed, waits for approval or is paused`;
    return [{ check: 'sync', state: 'ok', detail }];
  });
}

/** Also of imported files. */
export async function checkRejections(
  { catalog }: Administration,
  organizations: readonly NamedOrganization[],
): Promise<readonly DoctorFinding[]> {
  return catalog.read(async (view) => {
    const findings: DoctorFinding[] = [];
    for (const organization of organizations) {
      for (const { id, name } of await view.listDatasets(organization.id)) {
        const run = await findLastReport(view, organization.id, id);
        if (run === undefined || run.rejected === 0) continue;
        const detail = rejectionWords({ organization, name, run });
        findings.push({ check: 'rejections', state: 'warning', detail });
      }
    }
    return findings;
  });
}

function rejectionWords(found: {
  readonly organization: NamedOrganization;
  readonly name: string;
  readonly run: Run;
}): string {
  const { organization, name, run } = found;
  const isUsual = organization.name === 'default';
  const whose = isUsual ? name : `${name} of ${organization.name}`;
  const flag = isUsual ? '' : ` --organization ${organization.name}`;
  const codes = Object.entries(run.rejections).map(([code, count]) => `${code} ${amount(count)}`);
  const why = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
  return (
    `the last run of ${whose} rejected ${amount(run.rejected)} of ${countOf(run.rowsRead, 'row')}${why}. To see more: ` +
    `usher sync show ${run.id.slice(0, 8)}${flag}`
  );
}

function wordsOf(found: {
  readonly organization: NamedOrganization;
  readonly dataset: DatasetRecord;
  readonly run: Run | undefined;
  readonly state: ScheduleState | undefined;
}): readonly string[] {
  const { organization, dataset, run, state } = found;
  const isUsual = organization.name === 'default';
  const name = isUsual ? dataset.name : `${dataset.name} of ${organization.name}`;
  const flag = isUsual ? '' : ` --organization ${organization.name}`;
  const words: string[] = [];
  if (run?.state === 'failed') {
    words.push(
      `the last run of ${name} failed. To see why: usher sync show ${run.id.slice(0, 8)}${flag}`,
    );
  }
  if (run?.state === 'interrupted') {
    words.push(
      `the last run of ${name} was killed or interrupted. To apply the rest: ` +
        `usher sync run ${dataset.name}${flag}`,
    );
  }
  if (run?.state === 'waiting' && run.approvedBy === null) {
    words.push(
      `a run of ${name} waits for approval. To see its plan: usher sync show ${run.id.slice(0, 8)}${flag}`,
    );
  }
  if (state?.pausedBy != null) {
    words.push(
      `the schedule of ${name} is paused. To resume it: usher sync resume ${dataset.name}${flag}`,
    );
  }
  return words;
}
