/**
 * What the commands of the product pass to runs, for a data folder of a test: `door-place.ts` and a
 * process that is killed use the same.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Administration } from '../../src/administration/administration.ts';
import {
  composeAdministration,
  composeDefinedSource,
  composeReader,
  composeWriter,
} from '../../src/compose.ts';
import { dataFiles } from '../../src/domain/data-files.ts';
import type { RunParts } from '../../src/runs/run-caller.ts';

export function openAdministration(dataFolder: string): Promise<Administration> {
  const settings = { dataFolder, catalog: 'sqlite' } as const;
  const options = { operator: 'test', clock: Date.now, randomBytes, make: true };
  return composeAdministration(settings, options);
}

export function runPartsOf(dataFolder: string): RunParts {
  const settings = { dataFolder };
  const interrupted = new AbortController().signal;
  return {
    dataFolder,
    interrupted,
    openWriter: () => composeWriter(settings),
    openReader: () => composeReader(settings),
    onNotes: () => undefined,
    onProgress: () => undefined,
    sourcesIn: (folder) => (definition, options) =>
      composeDefinedSource(
        definition,
        { folder, allowedFolders: [join(dataFolder, dataFiles.baselines)], threads: 1 },
        {
          ...options,
          secrets: () => Promise.reject(new Error('No secret is needed.')),
          allowedAddresses: [],
          interrupted,
        },
      ),
  };
}
