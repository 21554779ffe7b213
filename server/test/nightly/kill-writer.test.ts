/** The long version of `stores/writer-processes.test.ts`. */
import { test } from 'node:test';
import { runKillCycles } from '../stores/kill-cycles.ts';
import { makeDataFolder } from '../stores/sample-changes.ts';

test('a writer killed 200 times leaves no torn contact and keeps what it acknowledged', async (t) => {
  await runKillCycles(makeDataFolder(t), 200);
});
