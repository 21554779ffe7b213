/** Where the measurements keep their files. Only `results` is part of the repository. */
import { join } from 'node:path';

const benchFolder = join(import.meta.dirname, '..');

/** Generated files, databases and logs. They are large, reused and safe to delete. */
export const workFolder = join(benchFolder, 'work');
/** The servers that a team would write itself, with their packages. */
export const peersFolder = join(benchFolder, 'peers');
export const resultsFolder = join(benchFolder, 'results');
export const repositoryFolder = join(benchFolder, '..');
/** The command that starts the server, as `npx usher` runs it. */
export const usherCommand = join(repositoryFolder, 'server', 'bin', 'usher.js');
