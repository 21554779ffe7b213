/** `usher doctor`: names what killed commands left, because it can hold personal data. */
import { existsSync } from 'node:fs';
import { findAbandonedWork } from '../../administration/work-folder.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import type { DoctorFinding } from './doctor-store.ts';

export async function checkWork(dataFolder: string): Promise<readonly DoctorFinding[]> {
  const abandoned = await findAbandonedWork(dataFolder);
  return abandoned
    .flatMap(({ folder, unfinished }) => [unfinished ?? folder, folder])
    .filter((path, place, paths) => paths.indexOf(path) === place && existsSync(path))
    .map((path) => {
      const detail = `A command that was killed left ${terminalName(path)}. It can hold personal data. You may delete it. The next export or usher compact deletes it, too.`;
      return { check: 'work files', state: 'warning', detail };
    });
}
