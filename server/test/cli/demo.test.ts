/** The demo: what a second start keeps. Its server is tested in `readme.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDemo } from '../../src/cli/demo/make-demo.ts';
import { openAdministration } from '../identities/door-parts.ts';
import { mustRunCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

test('a second start of the demo keeps segments and flows as people changed them', async (t) => {
  const dataFolder = makeDataFolder(t);
  const start = async () => {
    const administration = await openAdministration(dataFolder);
    await makeDemo(administration, { dataFolder });
    await administration.catalog.close();
  };
  const run = (...args: string[]) =>
    mustRunCommand(dataFolder, [...args, '--organization', 'demo']);
  await start();
  await run('flow', 'edit', 'Autumn prices', '--status', 'paused');
  await run('flow', 'remove', 'Welcome');
  await run('segment', 'edit', '31', '--name', 'Regulars');
  await start();
  const flows = await run('flow', 'list');
  assert.match(flows, /203850 +Autumn prices +paused +stream +Regulars/);
  assert.doesNotMatch(flows, /Welcome/);
});
