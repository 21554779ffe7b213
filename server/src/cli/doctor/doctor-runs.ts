/** `usher doctor`: finds runs that were killed, which the catalog still lists as running. */
import type { Administration } from '../../administration/administration.ts';
import type { Run } from '../../catalog/catalog.ts';
import { lifeOf } from '../../runs/run-life.ts';
import type { Settings } from '../../settings/settings.ts';
import { withReader } from '../with-administration.ts';
import type { DoctorFinding, NamedOrganization } from './doctor-store.ts';

/** A dataset has one run at a time. More than a hundred killed runs are not listed. */
const maxListedRuns = 100;

export async function checkKilledRuns(
  administration: Administration,
  settings: Settings,
  organizations: readonly NamedOrganization[],
): Promise<readonly DoctorFinding[]> {
  const running = await listRunning(administration, organizations);
  if (running.length === 0) return [];
  return withReader(settings, async (reader) => {
    const findings: DoctorFinding[] = [];
    for (const { run, words } of running) {
      if ((await lifeOf(run, reader, administration.clock())) === 'alive') continue;
      findings.push({ check: 'run', state: 'warning', detail: words });
    }
    return findings;
  });
}

async function listRunning(
  { catalog }: Administration,
  organizations: readonly NamedOrganization[],
): Promise<readonly { readonly run: Run; readonly words: string }[]> {
  return catalog.read(async (view) => {
    const found: { run: Run; words: string }[] = [];
    for (const { id, name } of organizations) {
      const filter = { states: ['running'], limit: maxListedRuns } as const;
      const runs = await view.listRuns(id, filter);
      if (runs.length === 0) continue;
      const datasets = await view.listDatasets(id);
      for (const run of runs) {
        const dataset = datasets.find((one) => one.id === run.datasetId)?.name;
        found.push({ run, words: killedWords(run, { organization: name, dataset }) });
      }
    }
    return found;
  });
}

function killedWords(
  { id, kind }: Run,
  {
    organization,
    dataset,
  }: { readonly organization: string; readonly dataset: string | undefined },
): string {
  const isDefault = organization === 'default';
  const place = dataset === undefined ? 'a removed dataset' : dataset;
  const owner = isDefault ? '' : ` of ${organization}`;
  const flag = isDefault ? '' : ` --organization ${organization}`;
  const killed = `the ${kind} run ${id.slice(0, 8)} of ${place}${owner} was killed. What it applied stays.`;
  if (kind === 'import') return `${killed} Import the file again to apply the rest.`;
  if (dataset === undefined) return killed;
  const verb = kind === 'sync' ? 'run' : 'rollback';
  return `${killed} To ${kind === 'sync' ? 'apply' : 'restore'} the rest, run: usher sync ${verb} ${dataset}${flag}`;
}
