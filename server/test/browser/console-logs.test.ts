/** The access log and the audit log in a real browser: entries, filters, roles, in every look. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { mustRunCommand } from '../launch/run-command.ts';
import { waitFor } from '../launch/run-usher.ts';
import { share } from '../launch/share.ts';
import { firstShown } from './first-shown.ts';
import { openConsole, wideLook } from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { type RunningConsole, startConsole } from './start-console.ts';

/** More than a page of look-ups, of which 7 find nobody, and a change of a field. */
async function startWithEntries(context: Parameters<typeof startConsole>[0]) {
  const node = await startConsole(context);
  for (let made = 0; made < 55; made += 1) {
    await lookUp(node, made % 9 === 0 ? 'nobody@hello.com' : 'tom@hello.com');
  }
  await lookUp(node, 'tom@hello.com', { 'usher-actor': 'Leo Brandt' });
  const hide = ['address_city', '--sensitivity', 'sensitive', '--organization', 'demo'];
  await mustRunCommand(node.dataFolder, ['field', 'set', ...hide]);
  return node;
}

const shared = share(startWithEntries);

/** Again if the limit of the demo refuses it. */
async function lookUp(
  { url, token }: RunningConsole,
  email: string,
  claimed: Readonly<Record<string, string>> = {},
): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, ...claimed };
  const address = `${url}/audience/v2/contacts?identity=email:${email}`;
  await waitFor(async () => {
    const { status } = await fetch(address, { headers });
    return status === 429 ? undefined : status;
  }, patienceMs);
}

/** The limit of the demo refuses for a second at most. */
const patienceMs = 30_000;

/** A page of an auditor who is signed in. */
async function enter(context: TestContext) {
  const node = shared();
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url, wideLook);
  await page.goto(await node.invite('auditor', 'Sam Okafor'));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  return { node, page, faults };
}

test('an auditor finds who looked at a person, and opens the view again by its address', {
  timeout: 280_000,
}, async (context) => {
  const { node, page, faults } = await enter(context);
  await page.getByRole('link', { name: 'Access log' }).click();
  const table = page.getByRole('table', { name: 'Who looked' });
  await table.getByText('for Leo Brandt, as the caller says').waitFor();
  const foot = page.getByRole('region', { name: 'Looks' }).locator('footer');
  await foot.getByText(/^50 shown, the newest first$/).waitFor();
  const band = page.getByRole('region', { name: 'Looks in 30 days' });
  await firstShown(band, /^[56]\d$/).waitFor();
  await band.getByText('As a table').click();
  assert.equal(await band.getByRole('row').count(), 31);
  await page.getByRole('button', { name: 'Older' }).click();
  await foot.getByText(/no older ones/).waitFor();
  await page.getByRole('combobox', { name: 'Outcome' }).click();
  await page.getByRole('option', { name: 'Not found' }).click();
  await foot.getByText(/^7 shown/).waitFor();
  await page.getByLabel('Contact').fill('tom@hello.com');
  await page.getByLabel('Contact').press('Enter');
  await page.getByText('No entry matches').waitFor();
  await page.getByRole('combobox', { name: 'Outcome' }).click();
  await page.getByRole('option', { name: 'Every outcome' }).click();
  await table.getByText('for Leo Brandt, as the caller says').waitFor();
  await page.getByRole('button', { name: 'Export' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /^CSV/ }).click(),
  ]);
  assert.match(file.suggestedFilename(), /^access-log-[\d-]{10}\.csv$/);
  const rows = readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\r\n');
  assert.ok(rows.length >= 50, 'the head, and a row for each look at Tom');
  await page.getByText(/^Chain verified/).waitFor();
  await foot.getByText(/^Kept until the log is full, \d+ entries/).waitFor();
  const { search } = new URL(page.url());
  assert.match(search, /^\?contact=[0-9a-f-]{36}$/, 'no identity is in the address');
  await page.reload();
  await table.getByText('for Leo Brandt, as the caller says').waitFor();
  await page.getByLabel('To', { exact: true }).fill('2020-01-31');
  await page.getByText('No entry matches').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await table.waitFor();
  assert.equal(new URL(page.url()).search, '');
  await page.goto(`${node.url}/console/access?actor=user:nobody`);
  await page.getByText('No entry matches').waitFor();
  await page.goto(`${node.url}/console/access?outcome=none`);
  await page.getByRole('alert').waitFor();
  assert.deepEqual(faults, []);
});

test('an auditor finds a change by its target, action and actor, and sees what changed', {
  timeout: 280_000,
}, async (context) => {
  const { node, page, faults } = await enter(context);
  await page.getByRole('link', { name: 'Audit' }).click();
  const entries = page.getByRole('list', { name: 'Entries' });
  await firstShown(entries, 'user: sign in').waitFor();
  assert.equal(await entries.getByText(/^Exported the|^Searched/).count(), 0, 'reads are hidden');
  await page.getByRole('combobox', { name: 'Show' }).click();
  await page.getByRole('option', { name: 'Reads', exact: true }).click();
  await firstShown(entries, 'Searched').waitFor();
  assert.equal(await entries.getByText('user: sign in').count(), 0);
  assert.equal(new URL(page.url()).search, '?kind=reads');
  await page.getByRole('combobox', { name: 'Show' }).click();
  await page.getByRole('option', { name: 'Changes', exact: true }).click();
  await page.getByLabel('What was changed').fill('ADDRESS_city');
  await page.getByLabel('What was changed').press('Enter');
  await firstShown(entries, 'user: sign in').waitFor({ state: 'detached' });
  await firstShown(entries, 'field: update').waitFor();
  await page.reload();
  const first = entries.getByRole('listitem').first();
  await first.getByText('sensitivity', { exact: true }).waitFor();
  await first.getByText('sensitive', { exact: true }).waitFor();
  await page.getByLabel('What was changed').fill('tom@hello.com');
  await page.getByLabel('What was changed').press('Enter');
  await page.getByText('Entries name no person.', { exact: false }).waitFor();
  assert.equal(new URL(page.url()).search, '?target=ADDRESS_city');
  await page.goto(`${node.url}/console/audit?action=token`);
  await firstShown(entries, 'token: create').waitFor();
  assert.equal(await entries.getByText('user: sign in').count(), 0);
  await page.goto(`${node.url}/console/audit?actor=token:none&since=2020-01-31`);
  await page.getByText('No entry matches').waitFor();
  assert.deepEqual(faults, []);
});

test('the logs are absent for a role that may not read them', {
  timeout: 280_000,
}, async (context) => {
  const node = shared();
  const browser = await startBrowser(context);
  const { page } = await openConsole(browser, node.url, wideLook);
  await page.goto(await node.invite('marketer', 'Ivo Novak'));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.getByRole('link', { name: 'Contacts', exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: /Access log|Audit/ }).count(), 0);
  await page.goto(`${node.url}/console/audit`);
  await page.getByRole('heading', { name: 'Your role marketer does not open this page' }).waitFor();
});
