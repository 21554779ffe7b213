/** What the console shows comes from people and files. None of it may become markup or script. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRunCommand } from '../launch/run-command.ts';
import { share } from '../launch/share.ts';
import { firstShown } from './first-shown.ts';
import { openConsole } from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { startConsole } from './start-console.ts';

const shared = share(startConsole);

/** Each would set `attacked` if it ran. */
const payloads = [
  '<img src=x onerror=window.attacked=1>',
  '<script>window.attacked=1</script>',
  '"><svg onload=window.attacked=1>',
  "';window.attacked=1;//",
  'javascript:window.attacked=1',
  '{{constructor.constructor("window.attacked=1")()}}',
  '$'.concat('{window.attacked=1}'),
  '<a href="javascript:window.attacked=1">x</a>',
  '<style>@import "//example.com/x.css";</style>',
  '</script><script>window.attacked=1</script>',
  '<iframe srcdoc="<script>parent.attacked=1</script>">',
  '\u202e<b onmouseover=window.attacked=1>x',
];

test('values of a contact never become markup or script', { timeout: 280_000 }, async (context) => {
  const node = shared();
  const file = join(node.dataFolder, 'attack.csv');
  const columns = payloads.map((_payload, place) => `value_${place}`);
  const cells = payloads.map((payload) => `"${payload.replaceAll('"', '""')}"`);
  writeFileSync(
    file,
    `email,full_name,${columns.join(',')}\nmallory@hello.com,${cells[0]},${cells.join(',')}\n`,
  );
  const options = ['--organization', 'demo', '--dataset', 'attack'];
  await mustRunCommand(node.dataFolder, ['import', file, ...options]);
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url);
  await page.goto(await node.invite('admin', payloads[0] as string));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.goto(`${node.url}/console/contacts`);
  await page.getByLabel('Find a contact').fill('mallory@hello.com');
  await page.getByLabel('Find a contact').press('Enter');
  await page.locator('a[data-row]').click();
  // Not in the rest of the page: it shows the user, whose name is the first of them.
  const main = page.getByRole('main');
  for (const payload of payloads) await firstShown(main, payload.trim()).waitFor();
  for (const tab of [/Memberships/, /Identities/, /Who looked/]) {
    await page.getByRole('link', { name: tab }).click();
    await page.getByRole('heading', { level: 2 }).first().waitFor();
  }
  assert.equal(await page.evaluate('window.attacked'), undefined);
  assert.deepEqual(faults, []);
});

test('an error shows what was searched as text', { timeout: 180_000 }, async (context) => {
  const node = shared();
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url);
  await page.goto(await node.invite('admin', 'Dana Reyes'));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  for (const payload of payloads) {
    await page.goto(`${node.url}/console/contacts/${encodeURIComponent(payload)}`);
    await page.getByRole('alert').waitFor();
    await page.goto(`${node.url}/console/contacts?tab=${encodeURIComponent(payload)}`);
    await page.getByLabel('Find a contact').fill(`email:${payload}`);
    await page.getByLabel('Find a contact').press('Enter');
    const answer = page.getByText('Nobody has this identity').or(page.getByRole('alert'));
    await answer.filter({ visible: true }).first().waitFor();
  }
  assert.equal(await page.evaluate('window.attacked'), undefined);
  assert.deepEqual(faults, []);
});

test('no site can frame the console', { timeout: 180_000 }, async (context) => {
  const node = shared();
  const browser = await startBrowser(context);
  const { page } = await openConsole(browser, node.url);
  await page.setContent(`<iframe src="${node.url}/console" width="600" height="400"></iframe>`);
  await page.frames()[1]?.waitForURL('chrome-error://**');
});
