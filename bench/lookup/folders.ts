/** Where the measurements keep what they make. Only `results` is part of the repository. */
import { join } from 'node:path';

const benchFolder = join(import.meta.dirname, '..');

/** Generated files, databases, logs: large, reused, safe to delete. */
export const workFolder = join(benchFolder, 'work');
/** What a team would write itself, with its packages. */
export const peersFolder = join(benchFolder, 'peers');
export const resultsFolder = join(benchFolder, 'results');
export const repositoryFolder = join(benchFolder, '..');
/** The server's command, as `npx usher` runs it. */
export const usherCommand = join(repositoryFolder, 'server', 'bin', 'usher.js');
