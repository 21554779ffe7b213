/** The console while the node is away: it says so, keeps what was typed, and recovers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { inviteUser } from '../../src/users/manage-users.ts';
import { startApi } from '../http/start-api.ts';
import { goodPassword, makeUser, operatorOf } from '../users/console-client.ts';
import { firstShown } from './first-shown.ts';
import {
  comeBack,
  openConsole,
  openSignedIn,
  pressWhileAway,
  takePicture,
  wideLook,
} from './open-console.ts';
import { startBrowser } from './start-browser.ts';

test('what was typed survives a server that is away for a while', {
  timeout: 180_000,
}, async (context) => {
  const api = await startApi(context);
  const browser = await startBrowser(context);
  const { page } = await openConsole(browser, api.url);
  const invited = { email: 'ana@example.com', role: 'support' } as const;
  const { link } = await inviteUser(operatorOf(api), invited, 'demo');
  await page.goto(`${api.url}${link}`);
  await page.getByRole('link', { name: 'Contacts' }).click();
  await page.getByRole('heading', { name: 'What you can search for' }).waitFor();
  await page.getByLabel('Find a contact').fill('tom@hello.com');
  await page.context().setOffline(true);
  await page.getByLabel('Find a contact').press('Enter');
  await page.getByRole('alert').getByText('The server does not answer').waitFor();
  await takePicture(page, 'away', wideLook);
  assert.equal(await page.getByLabel('Find a contact').inputValue(), 'tom@hello.com');
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: /Tom/ }).waitFor();
});

test('a session that ended asks to sign in again over the page', {
  timeout: 180_000,
}, async (context) => {
  const api = await startApi(context);
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, api.url);
  const manager = operatorOf(api);
  const email = 'ana@example.com';
  const { link } = await inviteUser(manager, { email, name: 'Ana Bauer', role: 'admin' });
  await page.goto(`${api.url}${link}`);
  await page.getByLabel('Password', { exact: true }).fill(goodPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: 'Contacts' }).click();
  await page.getByLabel('Find a contact').fill('tom@hello.com');
  const cookies = await page.context().cookies();
  assert.ok(cookies.every(({ httpOnly, sameSite }) => httpOnly && sameSite === 'Lax'));
  await page.context().clearCookies();
  await page.getByLabel('Find a contact').press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Your session ended' });
  await dialog.waitFor();
  await takePicture(page, 'session-ended', wideLook);
  await dialog.getByLabel('Password', { exact: true }).fill(goodPassword);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.getByLabel('Find a contact').inputValue(), 'tom@hello.com');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: /Tom/ }).waitFor();
  await endBehindDialog(page, api.url);

  const other = (await makeUser(api, 'analyst', { email: 'bo@example.com' })).client;
  const values = [...other.cookies].map(([name, value]) => ({ name, value, url: api.url }));
  await page.context().clearCookies();
  await page.getByRole('dialog').getByRole('button', { name: 'Invite', exact: true }).click();
  await dialog.waitFor();
  // As if somebody else had signed in in another window.
  await page.context().addCookies(values);
  await comeBack(page);
  const notice = page.getByRole('region', { name: 'Notice' });
  await notice.getByText(/ is signed in now\. The page of Ana Bauer was closed\./).waitFor();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  assert.equal(await page.getByText('eve@example.com').count(), 0);
  assert.deepEqual(faults, []);
});

/** The question is above an open dialog, which keeps what was typed. */
async function endBehindDialog(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/console/users`);
  await page.getByRole('button', { name: 'Invite…' }).click();
  const invite = page.getByRole('dialog', { name: 'Invite' });
  await invite.getByLabel('E-mail').fill('eve@example.com');
  await page.context().clearCookies();
  await invite.getByRole('button', { name: 'Invite', exact: true }).click();
  const ended = page.getByRole('dialog', { name: 'Your session ended' });
  const password = ended.getByLabel('Password', { exact: true });
  await password.click();
  await page.keyboard.press('Escape');
  await password.fill(goodPassword);
  await ended.getByRole('button', { name: 'Continue' }).click();
  await ended.waitFor({ state: 'detached' });
  assert.equal(await invite.getByLabel('E-mail').inputValue(), 'eve@example.com');
}

interface Form {
  readonly path: string;
  /** Opens the form, if it is not there from the start. */
  readonly button?: string;
  readonly fields: readonly (readonly [label: string, value: string])[];
  readonly send: string;
  /** What the page says when the call has succeeded. */
  readonly done: RegExp;
}

const forms: readonly Form[] = [
  {
    ...{ path: '/users', button: 'Invite…', send: 'Invite', done: /\/console\/link#/ },
    fields: [
      ['E-mail', 'ana@example.com'],
      ['Name', 'Ana Bauer'],
    ],
  },
  {
    ...{ path: '/access', send: 'Find', done: /^(?:Tom|Contact )/ },
    fields: [['Contact', 'tom@hello.com']],
  },
  {
    ...{ path: '/account', send: 'Change the password', done: /The password is changed/ },
    fields: [
      ['Your password', goodPassword],
      ['New password', 'another good password'],
    ],
  },
];

test('each form keeps what was typed, and sends it when the server is back', {
  timeout: 280_000,
}, async (t) => {
  const api = await startApi(t);
  const browser = await startBrowser(t);
  const { client, email } = await makeUser(api, 'admin');
  const { page, faults } = await openSignedIn(browser, api.url, client);
  for (const { path, button, fields, send, done } of forms) {
    await page.goto(`${api.url}/console${path}`);
    if (button !== undefined) await page.getByRole('button', { name: button }).click();
    const inputs = fields.map(([label]) => page.getByLabel(label, { exact: true }));
    for (const [place, [, value]] of fields.entries()) await inputs[place]?.fill(value);
    const sending = page.getByRole('button', { name: send, exact: true });
    await pressWhileAway(page, sending, inputs);
    await sending.click();
    await firstShown(page, done).waitFor();
  }
  const stranger = await openConsole(browser, api.url);
  await stranger.page.goto(`${api.url}/console`);
  await stranger.page.getByLabel('E-mail').fill(email);
  await stranger.page.getByLabel('Password', { exact: true }).fill('another good password');
  const enter = stranger.page.getByRole('button', { name: 'Continue' });
  await pressWhileAway(stranger.page, enter, [stranger.page.getByLabel('E-mail')]);
  await enter.click();
  await stranger.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  assert.deepEqual([...faults, ...stranger.faults], []);
});

test('the page says that the server is away, slow, or was updated, and goes on', {
  timeout: 280_000,
}, async (t) => {
  const api = await startApi(t);
  const browser = await startBrowser(t);
  const { client } = await makeUser(api, 'admin');
  const { page } = await openSignedIn(browser, api.url, client);
  await page.goto(`${api.url}/console`);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole('link', { name: 'Users and sessions' }).click();
  const problem = page.getByRole('main').getByRole('alert');
  await problem.getByText('The server does not answer').waitFor();
  await page.context().setOffline(false);
  await problem.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'Users and sessions' }).waitFor();

  const held = Promise.withResolvers<void>();
  await page.route('**/console/api/v1/users*', async (route) => {
    await held.promise;
    await route.continue();
  });
  await page.reload();
  await page.getByText('The server answers slowly.', { exact: false }).waitFor();
  held.resolve();
  await page.getByText('The server answers slowly.', { exact: false }).waitFor({
    state: 'detached',
  });
  await page
    .getByRole('cell', { name: /admin@example.com/ })
    .first()
    .waitFor();
  await keepsOlderValues(page);

  // The node is of a newer build: it serves another script, and not those that this page knows.
  await page.route('**/console/assets/**', (route) => route.fulfill({ status: 404 }));
  await page.route(/\/console\/$/, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(/assets\/index-[^"]+\.js/g, 'assets/newer.js');
    await route.fulfill({ response, body });
  });
  await page.getByRole('link', { name: 'Audit' }).click();
  await problem.getByRole('heading', { name: 'Usher was updated' }).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await problem.getByRole('button', { name: 'Reload' }).click();
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
});

/** While the server is away, the strip alone says so, and the error of a dialog goes by itself. */
async function keepsOlderValues(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Invite…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill('ana@example.com');
  const tries = Promise.withResolvers<void>();
  let failed = 0;
  page.on('requestfailed', (request) => {
    failed += Number(request.url().includes('/v1/users'));
    // Three tries, then the first one of the strip.
    if (failed > 3) tries.resolve();
  });
  await page.context().setOffline(true);
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  await dialog.getByRole('alert').waitFor();
  await tries.promise;
  await page.getByText(/What the page shows is as of \d/).waitFor();
  assert.equal(await page.locator('main [role="alert"]').count(), 0);
  assert.equal(await firstShown(page.locator('main'), 'admin@example.com').isVisible(), true);
  await page.context().setOffline(false);
  await dialog.getByRole('alert').waitFor({ state: 'detached' });
  assert.equal(await dialog.getByLabel('E-mail').inputValue(), 'ana@example.com');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
}
