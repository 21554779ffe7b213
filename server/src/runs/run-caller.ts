/** What the functions of this room need: who asks, and what the process provides for a run. */
import {
  type Administration,
  authorOf,
  openOrganization,
} from '../administration/administration.ts';
import { findSeenDataset } from '../administration/token/actor-sight.ts';
import type { DatasetRecord } from '../catalog/catalog.ts';
import type { RunDependencies } from '../sync/dataset-run.ts';
import type { PullDependencies } from '../sync/pulled-source.ts';

/** Who asks, and in which organization. */
export interface RunCaller {
  readonly administration: Administration;
  readonly organizationId: number;
}

/** What the process provides for a run that writes contacts. */
export interface WritingParts
  extends Pick<RunDependencies, 'openWriter' | 'openReader' | 'interrupted'> {
  readonly dataFolder: string;
}

/** What the process provides for a run that reads a source. */
export interface RunParts extends WritingParts, Pick<PullDependencies, 'onNotes' | 'onProgress'> {
  /**
   * Opens sources that keep their work files in `folder`. Closing the workbench removes the folder.
   */
  readonly sourcesIn: (folder: string) => PullDependencies['openSource'];
}

export function runDependencies(
  { administration, organizationId }: RunCaller,
  parts: WritingParts,
): RunDependencies & { readonly dataFolder: string } {
  const { dataFolder, openWriter, openReader, interrupted } = parts;
  return {
    ...{ dataFolder, openWriter, openReader, interrupted, organizationId },
    catalog: administration.catalog,
    author: () => authorOf(administration),
  };
}

export function pullDependencies(
  { administration, organizationId }: RunCaller,
  parts: RunParts,
  folder: string,
): PullDependencies {
  const { dataFolder, interrupted, onNotes, onProgress } = parts;
  return {
    ...{ dataFolder, interrupted, onNotes, onProgress, organizationId },
    catalog: administration.catalog,
    openSource: parts.sourcesIn(folder),
  };
}

/**
 * The dataset, if the actor may change it.
 * @throws `resource_not_found`, `scope_missing`
 */
export async function requireDataset(
  { administration, organizationId }: RunCaller,
  name: string,
): Promise<DatasetRecord> {
  const { catalog, actor } = administration;
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:write');
    return findSeenDataset(view, actor, organizationId, name);
  });
}
