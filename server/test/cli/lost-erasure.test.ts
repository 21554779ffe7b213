/** An erasure whose process died before the store had taken it: commands say that it failed. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { composeAdministration } from '../../src/compose.ts';
import { inFolder } from './privacy-folder.ts';

const id = '019ab4c2-d1e0-7001-8f8b-2c1e6c1f0a0a';
const failedWords = new RegExp(`1 erasure has failed.*: ${id}\\. .*Send it again`);

/** A request that the catalog knows, and the store does not. */
async function receive(dataFolder: string): Promise<void> {
  const receivedAtMs = Date.now() - 60_000;
  const settings = { dataFolder, catalog: 'sqlite' } as const;
  const actor = 'operator:test';
  const options = { operator: 'test', clock: () => receivedAtMs, randomBytes, make: false };
  const { catalog } = await composeAdministration(settings, options);
  const request = { id, organizationId: 1, kind: 'erase' as const, actor, receivedAtMs };
  await catalog.receivePrivacyRequest({ actor, atMs: receivedAtMs }, request);
  await catalog.close();
}

for (const command of ['compact', 'backup', 'privacy list']) {
  test(`${command} says that an erasure failed which the store had not taken`, async (context) => {
    const { data, must, run, name } = await inFolder(context);
    await receive(data);
    const folder = command === 'backup' ? [`${data}-backup`] : [];
    const { code, stderr } = await run(...command.split(' '), ...folder);
    assert.match(stderr, failedWords);
    assert.equal(code, 0, 'the command itself did what it should');
    assert.deepEqual(await name('no:1'), ['Kim', 3], 'the person is still there');
    const again = await run('compact');
    assert.doesNotMatch(again.stderr, /erasure/, 'it is said once');
    await must('privacy', 'show', id);
  });
}

test('doctor names an erasure that failed before it began, until another one is asked for', async (context) => {
  const { data, must, run } = await inFolder(context);
  await receive(data);
  assert.match((await run('doctor')).stdout, new RegExp(`${id} .* is not complete.*must be sent`));
  await run('privacy', 'list');
  assert.match((await run('doctor')).stdout, failedWords);
  await must('privacy', 'erase', 'no:1', '--yes');
  assert.doesNotMatch((await run('doctor')).stdout, /erasure has failed/);
});
