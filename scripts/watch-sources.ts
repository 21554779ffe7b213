/** Runs a piece of work now, and again after each change of a source. */
import { watch } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const folders = ['client', 'contract', 'docs', 'examples', 'scripts', 'server'];
const sourceName = /\.(?:css|html|js|json|md|mjs|ts|yaml)$/;

/**
 * How long to wait after a change for further ones: an editor saves a file in several steps, and
 * git writes many files.
 */
const settleMs = 100;

/** Never resolves; a signal ends the process. A change while `work` runs makes it run once more. */
export async function watchSources(work: () => Promise<void>): Promise<never> {
  let noteChange: () => void = () => {};
  for (const folder of folders) {
    watch(folder, { recursive: true }, (_, name) => {
      if (name === null || !sourceName.test(name)) return;
      if (!name.includes('node_modules') && !name.startsWith('dist/')) noteChange();
    });
  }
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      noteChange = resolve;
    });
    await work();
    await changed;
    await delay(settleMs);
  }
}
