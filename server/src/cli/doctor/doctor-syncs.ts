/** `usher doctor`: finds failed and waiting runs, paused schedules and rejected rows. */
import type { Administration } from '../../administration/administration.ts';
import type { DatasetRecord, Run, ScheduleState } from '../../catalog/catalog.ts';
import { findLastReport } from '../../runs/find-run.ts';
import { amount, countOf } from '../import/import-words.ts';
import type { DoctorFinding, NamedOrganization } from './doctor-store.ts';

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
        details.push(...wordsOf(organization, dataset, { run, state }));
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

/** Finds datasets whose last run rejected rows, including datasets of imported files. */
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
        const detail = rejectionWords(organization, name, run);
        findings.push({ check: 'rejections', state: 'warning', detail });
      }
    }
    return findings;
  });
}

/** A dataset in words, and the flag that names its organization. */
function placeOf(organization: NamedOrganization, dataset: string) {
  return organization.name === 'default'
    ? { place: dataset, flag: '' }
    : {
        place: `${dataset} of ${organization.name}`,
        flag: ` --organization ${organization.name}`,
      };
}

function rejectionWords(organization: NamedOrganization, name: string, run: Run): string {
  const { place, flag } = placeOf(organization, name);
  const codes = Object.entries(run.rejections).map(([code, count]) => `${code} ${amount(count)}`);
  const why = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
  return (
    `the last run of ${place} rejected ${amount(run.rejected)} of ${countOf(run.rowsRead, 'row')}${why}. To see more: ` +
    `usher sync show ${run.id.slice(0, 8)}${flag}`
  );
}

function wordsOf(
  organization: NamedOrganization,
  { name }: DatasetRecord,
  found: { readonly run: Run | undefined; readonly state: ScheduleState | undefined },
): readonly string[] {
  const { run, state } = found;
  const { place, flag } = placeOf(organization, name);
  const next = (verb: string, what: string) => `usher sync ${verb} ${what}${flag}`;
  const show = next('show', run?.id.slice(0, 8) ?? '');
  const words: string[] = [];
  if (run?.state === 'failed') words.push(`the last run of ${place} failed. To see why: ${show}`);
  if (run?.state === 'interrupted') {
    const rest = `To apply the rest: ${next('run', name)}`;
    words.push(`the last run of ${place} was killed or interrupted. ${rest}`);
  }
  if (run?.state === 'waiting' && run.approvedBy === null) {
    words.push(`a run of ${place} waits for approval. To see its plan: ${show}`);
  }
  if (state?.pausedBy != null) {
    const resume = `To resume it: ${next('resume', name)}`;
    words.push(`the schedule of ${place} is paused. ${resume}`);
  }
  return words;
}
