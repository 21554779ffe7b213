/**
 * A data engineer in the browser: defines a dataset from a file, is stopped by the guard, looks,
 * approves, rolls back, goes back to an earlier definition, and changes a field.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { updateOrganization } from '../../src/administration/organizations.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { composeAdministration } from '../../src/compose.ts';
import { inviteUser } from '../../src/users/manage-users.ts';
import { userKeysOf } from '../../src/users/user-keys.ts';
import { killSync } from '../launch/find-sync.ts';
import { makeDataFolder, startUsher, waitFor } from '../launch/run-usher.ts';
import { ConsoleClient } from '../users/console-client.ts';
import { bringLaterFiles, chooseFile } from './choose-file.ts';
import { firstShown } from './first-shown.ts';
import {
  assertAccessible,
  judgePage,
  lostAnswer,
  openSignedIn,
  pressAndLose,
  pressWhileAway,
  takePicture,
  wideLook,
} from './open-console.ts';
import { pushRows } from './push-page.ts';
import { startBrowser } from './start-browser.ts';

/** Without a look at the process, the run would end by its lease after 30 s and a next run. */
const interruptedMs = 15_000;

function rows(city: (n: number) => string, count = 40): string {
  const lines = Array.from(
    { length: count },
    (_, n) => `${1_000 + n},p${n}@example.com,${city(n)},${n * 10},+1 (425) 555-${1_000 + n}`,
  );
  return `customer_no,email,city,points,mobile\n${lines.join('\n')}\n`;
}

/** A server with the first load of a dataset, and an engineer who is signed in. */
async function startPlace(t: TestContext, locale = 'en-US') {
  const data = makeDataFolder(t);
  const server = await startUsher(data);
  t.after(() => server.stop());
  const administration = await composeAdministration(
    { dataFolder: data, catalog: 'sqlite' },
    { operator: 'test', clock: Date.now, randomBytes, make: false },
  );
  await updateOrganization(administration, 1, { settings: { locale } });
  const manager = { administration, organizationId: 1, keys: userKeysOf(data) };
  const email = 'eng@example.com';
  const invited = await inviteUser(manager, { email, name: 'Ada Engineer', role: 'engineer' });
  const { text: pushToken } = await createToken(administration, 1, {
    ...{ createdBy: 'it@example.com', name: 'shop', expires: '20h', scopes: ['contacts:write'] },
  });
  await administration.catalog.close();
  const client = new ConsoleClient(server);
  const answer = await client.takeLink(invited.link);
  assert.equal(answer.status, 200, answer.body);
  const browser = await startBrowser(t);
  const open = () => openSignedIn(browser, server.url, client);
  return { server, client, open, pushToken };
}

/** Adds a key whose values look like phone numbers. */
async function findByMobile(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add a column' }).click();
  await page.getByRole('combobox', { name: 'Column', exact: true }).last().click();
  await page.getByRole('option', { name: 'mobile' }).click();
  const type = page.getByRole('combobox', { name: 'Identity type' }).last();
  assert.equal(await type.inputValue(), 'phone, new');
}

/** Before the first dataset, each page says the next step. Returns a page of contacts. */
async function showEmpty(page: Page, url: string): Promise<Page> {
  await page.goto(`${url}/console/datasets`);
  await page.getByText('No dataset yet').waitFor();
  await takePicture(page, 'datasets-empty', wideLook);
  await page.getByRole('link', { name: 'All runs' }).click();
  await page.getByText('No run yet').waitFor();
  assert.equal(await page.getByRole('link', { name: 'New dataset' }).count(), 1);
  const beside = await page.context().newPage();
  await beside.goto(`${url}/console/contacts`);
  await beside.getByText(/^Listening/).waitFor();
  await beside.getByText('npx usher apply -f usher.yaml').waitFor();
  assert.equal(await beside.getByText('--organization').count(), 0, 'of the usual organization');
  await judgePage(beside, 'contacts-empty', wideLook);
  return beside;
}

test('an engineer brings in a file, is stopped by the guard, approves and rolls back', {
  timeout: 300_000,
}, async (t) => {
  const { server, open } = await startPlace(t, 'de-DE');
  const { page, faults } = await open();
  const at = (path: string) => page.goto(`${server.url}/console${path}`);
  const beside = await showEmpty(page, server.url);
  await page.getByRole('link', { name: 'New dataset' }).first().click();
  await takePicture(page, 'new-dataset-drop', wideLook);
  await chooseFile(page, 'people.csv', `${rows(() => 'York')}9999,nobody,Hull,1,\n`);
  await page.getByText('rows that cannot be used').waitFor();
  await page.getByRole('heading', { name: 'Columns' }).waitFor();
  // Who sent the file sees its values until the dataset is defined.
  await firstShown(page, 'York').waitFor();
  await findByMobile(page);
  await page.getByRole('combobox', { name: 'When a later file lacks a row' }).click();
  await page.getByRole('option', { name: /snapshot/ }).click();
  await judgePage(page, 'new-dataset-draft', wideLook);
  const create = page.getByRole('button', { name: 'Create and run' });
  await pressWhileAway(page, create, [
    page.getByLabel('Name of the dataset'),
    page.getByRole('combobox', { name: 'When a later file lacks a row' }),
  ]);
  await create.click();
  await page.getByRole('heading', { level: 1, name: 'people' }).waitFor();
  await page.getByRole('cell', { name: 'Succeeded' }).waitFor();
  await beside.getByRole('heading', { name: 'What you can search for' }).waitFor();
  // The values look like phone numbers, so any spelling of one finds its contact.
  await beside.getByLabel('Find a contact').fill('+1 425 555 1007');
  await beside.getByLabel('Find a contact').press('Enter');
  await beside.getByText('found by phone').waitFor();
  await beside.getByLabel('Find a contact').fill('(425) 555-1007');
  await beside.getByLabel('Find a contact').press('Enter');
  await beside.getByText(/^A phone number was read as \+494255551007\. Write the/).waitFor();
  await beside.close();

  await page.getByRole('link', { name: 'Upload a file' }).click();
  await chooseFile(
    page,
    'later.csv',
    // The contact of the rejected row only keeps its age.
    `${rows((n) => (n < 30 ? 'Leeds' : ''), 38)}1039,nobody,Hull,1,\n`,
  );
  await page.getByRole('button', { name: 'Run with this file' }).click();
  await readGuard(page);
  await page.getByRole('link', { name: /Datasets 1 waiting/ }).waitFor();
  await at('/');
  await page.getByText(/^97,5\s% of the 40 contacts would change/).waitFor();
  await page.getByRole('link', { name: 'Review run' }).click();
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('cell', { name: 'Succeeded' }).nth(1).waitFor();
  await page.getByRole('button', { name: 'Roll back…' }).click();
  await page.getByText('39 contacts get their old values back.').waitFor();
  await page.getByLabel(/to confirm/).fill('people');
  await assertAccessible(page, 'the question before a rollback');
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await page.getByRole('cell', { name: 'Rolled back' }).waitFor();
  await rejectFile(page);
  await page.getByRole('link', { name: 'All runs' }).click();
  const rollback = page.getByRole('row', { name: /Rollback/ });
  await rollback.getByRole('cell', { name: '39', exact: true }).waitFor();
  await page.getByRole('combobox', { name: 'Runs in which state' }).click();
  await page.getByRole('option', { name: 'Succeeded' }).click();
  await page.waitForURL(/state=succeeded/);
  await page.getByRole('cell', { name: 'Rolled back' }).waitFor({ state: 'detached' });
  await assertAccessible(page, 'all runs');

  await at('/datasets/people?tab=rejected');
  await readRejections(page);
  assert.deepEqual(faults, []);
});

/** A rejection says what is gone. */
async function rejectFile(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Upload a file' }).click();
  await chooseFile(
    page,
    'other.csv',
    rows(() => 'Bath'),
  );
  await page.getByRole('button', { name: 'Run with this file' }).click();
  await page.getByText(/would change 100,0\s%/).waitFor();
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByText(/nothing is written\. The uploaded file is deleted/).waitFor();
  await page.getByRole('cell', { name: 'Rejected' }).waitFor();
}

/** What the run would do. Each cause is said once, with the figures of the organization. */
async function readGuard(page: Page): Promise<void> {
  await page.getByText(/would change 97,5\s%/).waitFor();
  await page.getByText('Fields that lose values').waitFor();
  await page.getByRole('columnheader', { name: 'Examples' }).waitFor();
  // An engineer sees that there is a value, and not which.
  await page.getByLabel('city is masked').first().waitFor();
  await page.getByRole('cell', { name: 'row gone' }).first().waitFor();
  // Nor who it is; but one contact can be told from another.
  const named = await page.getByRole('link', { name: /^contact …[0-9a-f]{6}$/ }).allInnerTexts();
  assert.deepEqual([named.length, new Set(named).size], [5, 5], named.join());
  const guard = page.getByRole('region', { name: /waits/ });
  const said = (await guard.innerText()).replaceAll('\u00a0', ' ');
  assert.equal(said.match(/97[.,]5 ?%/g)?.length, 1, said);
  assert.doesNotMatch(said, /city would go|gone from the source|\d\.\d ?%/);
  await assertAccessible(page, 'the guard');
}

/** Why rows were rejected, never with their values; also as a file. */
async function readRejections(page: Page): Promise<void> {
  await page.getByRole('cell', { name: 'identity_invalid' }).waitFor();
  await page.getByRole('cell', { name: 'No @', exact: true }).waitFor();
  await judgePage(page, 'dataset-rejected', wideLook);
  assert.equal(await page.getByText('nobody').count(), 0);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download rejections.csv' }).click();
  const saved = await text(await (await saving).createReadStream());
  assert.equal(saved, 'file,row,column,code,reason\r\n,39,email,identity_invalid,has no @\r\n');
}

test('an engineer changes a field, takes it back, and goes back to an earlier definition', {
  timeout: 300_000,
}, async (t) => {
  const { server, client, open, pushToken } = await startPlace(t);
  const { page, faults } = await open();
  await page.goto(`${server.url}/console/new-dataset`);
  await chooseFile(
    page,
    'people.csv',
    rows(() => 'York'),
  );
  const create = page.getByRole('button', { name: 'Create and run' });
  // The dataset is made, so the next press goes on; then its run is started already.
  await pressAndLose(page, create, 'PUT /datasets/people');
  await pressAndLose(page, create, 'POST /datasets/people/runs');
  await create.click();
  await page.getByRole('cell', { name: 'Succeeded' }).waitFor();
  assert.equal(await page.getByRole('cell', { name: 'Succeeded' }).count(), 1);
  await bringLaterFiles(page, server.url);
  await page.goto(`${server.url}/console/fields?dataset=people`);
  const isShown = page.getByRole('checkbox', { name: 'Look-ups may return city' });
  await isShown.click();
  await firstShown(page, 'Look-ups no longer return city').waitFor();
  await page.getByRole('button', { name: /^Undo/ }).click();
  await waitFor(async () => (await isShown.isChecked()) || undefined, 30_000);
  await page.goto(`${server.url}/console/datasets/people?tab=history`);
  await page.getByText('Version 3', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Go back to version 2' }).click();
  await firstShown(page, 'Version 2 counts again').waitFor();
  await editDefinition(page);

  await page.goto(`${server.url}/console/fields?dataset=people`);
  await page.getByRole('combobox', { name: 'How sensitive city is' }).click();
  // Only an administrator makes a field less sensitive.
  const isPublic = page.getByRole('option', { name: 'public' });
  assert.equal(await isPublic.getAttribute('data-combobox-disabled'), 'true');
  await page.getByRole('option', { name: 'sensitive' }).click();
  await firstShown(page, 'city is sensitive').waitFor();
  await page.goto(`${server.url}/console/datasets/people?tab=sample`);
  await page.getByText(/masked for your role: .*city/).waitFor();
  assert.equal(await page.getByText('York').count(), 0);
  await judgePage(page, 'dataset-sample', wideLook);
  await meetOthers(page, client);
  await dropField(page);
  await goOnAfterDeath(page, server.process.pid);
  await pushRows(page, { server, client, pushToken });
  assert.deepEqual(faults, [lostAnswer, lostAnswer]);
});

/** Adds a field and an age, sees what would change, saves, and takes it back. */
async function editDefinition(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Definition' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  // A new key waits for its column, and its type follows the column.
  await page.getByRole('button', { name: 'Add a column' }).click();
  await page.getByText('Choose the column and its type').waitFor();
  await page.getByLabel('Column', { exact: true }).last().fill('phone_at_home');
  const type = page.getByRole('combobox', { name: 'Identity type' }).last();
  assert.match(await type.inputValue(), /^phone(, new)?$/);
  await page.getByRole('button', { name: 'Remove' }).last().click();
  await page.getByLabel('Too old after').fill('2 days');
  await page.getByRole('button', { name: 'Check the change' }).click();
  // The server judges; the field shows the fault, and what was typed stays.
  await page.locator('[aria-invalid="true"]').waitFor();
  await page.getByText(/Give a number/).waitFor();
  assert.equal(await page.locator(':focus').inputValue(), '2 days');
  await page.getByLabel('Too old after').fill('2d');
  await page.getByLabel('The name of city for people').fill('Town');
  await judgePage(page, 'dataset-edit', wideLook);
  await page.getByRole('button', { name: 'Check the change' }).click();
  await page.getByText('city › name for people').waitFor();
  await judgePage(page, 'dataset-change', wideLook);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await firstShown(page, 'The definition is changed').waitFor();
  await page.getByText('2 d, then look-ups mark the values as old').waitFor();
  await page.getByRole('button', { name: /^Undo/ }).click();
  await page.getByText('never', { exact: true }).waitFor();
  const shown = page.getByLabel('The definition as JSON');
  await shown.getByText('"display_name"').waitFor({ state: 'detached' });
  assert.doesNotMatch(await shown.innerText(), /Town/);
}

/** Nobody replaces unseen what somebody else has changed, and nothing that was typed is lost. */
async function meetOthers(page: Page, client: ConsoleClient): Promise<void> {
  await page.getByRole('link', { name: 'Definition' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('The name of city for people').fill('Home town');
  await page.getByRole('button', { name: 'Check the change' }).click();
  await page.getByText('city › name for people').waitFor();
  // The page does not hear of the other change before it saves.
  let isHeld = true;
  const held: Route[] = [];
  await page.route('**/console/api/v1/datasets/people', (route) =>
    isHeld && route.request().method() === 'GET' ? void held.push(route) : route.continue(),
  );
  const path = '/v1/datasets/people';
  const { definition } = JSON.parse((await client.call({ path })).body);
  const body = { definition: { ...definition, max_age: { after: '5d', policy: 'flag' } } };
  assert.equal((await client.call({ method: 'PUT', path, body })).status, 200);
  // Also who may not list the users learns the name.
  const [newest] = JSON.parse((await client.call({ path: `${path}/versions` })).body).data;
  assert.equal(newest.author_name, 'Ada Engineer');
  const refused = page.waitForResponse((answer) => answer.status() === 412);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await refused;
  isHeld = false;
  for (const route of held) await route.continue();
  const others = page.getByRole('region', { name: 'Changed meanwhile' });
  await others.getByText(/^Today .*, by you$/).waitFor();
  await others.getByText('Too old after').waitFor();
  await judgePage(page, 'dataset-changed-meanwhile', wideLook);
  await page.getByRole('button', { name: 'Save anyway' }).click();
  await firstShown(page, 'The definition is changed').waitFor();
  const shown = page.getByLabel('The definition as JSON');
  await shown.getByText('"Home town"').waitFor();
  assert.doesNotMatch(await shown.innerText(), /5d/);
}

/** A run whose process was killed says at once how far it came, and goes on. */
async function goOnAfterDeath(page: Page, serverId: number | undefined): Promise<void> {
  await page.getByRole('link', { name: 'Upload a file' }).click();
  await chooseFile(
    page,
    'many.csv',
    rows(() => 'York', 80_000),
  );
  await page.getByRole('button', { name: 'Run with this file' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Apply' }).and(current(page)).waitFor();
  killSync(serverId);
  await page.getByText('Last run interrupted').waitFor({ timeout: interruptedMs });
  const run = page.getByRole('row', { name: /Interrupted/ });
  await run.getByText(/before it broke off|when it began to write/).waitFor();
  await run.getByRole('button', { name: 'Roll back…' }).waitFor();
  await judgePage(page, 'dataset-interrupted', wideLook);
  await run.getByRole('button', { name: 'Go on with the kept file' }).click();
  await page.getByText('Last run interrupted').waitFor({ state: 'detached' });
  await page.getByRole('cell', { name: 'Succeeded' }).nth(1).waitFor({ timeout: 120_000 });
}

function current(page: Page) {
  return page.locator('[aria-current="step"]');
}

/** Dropping a field asks first: its values do not come back. */
async function dropField(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Definition' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: /^Drop.* points/ }).click();
  await page.getByRole('button', { name: 'Check the change' }).click();
  await page.getByRole('button', { name: /^Save/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Drop a field' });
  await dialog.getByText('points loses all its values, for every contact.').waitFor();
  await assertAccessible(page, 'the question before a field is dropped');
  await dialog.getByLabel(/to confirm/).fill('people');
  await dialog.getByRole('button', { name: 'Drop', exact: true }).click();
  await firstShown(page, 'The definition is changed').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Undo/ }).count(), 0);
}
