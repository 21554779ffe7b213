/** The console while the node is away: it says so, keeps what was typed, and recovers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inviteUser } from '../../src/users/manage-users.ts';
import { startApi } from '../http/start-api.ts';
import { goodPassword, operatorOf } from '../users/console-client.ts';
import { type Look, looks, openConsole, takePicture } from './open-console.ts';
import { startBrowser } from './start-browser.ts';

test('what was typed survives a server that is away for a while', {
  timeout: 180_000,
}, async (context) => {
  const api = await startApi(context);
  const browser = await startBrowser(context);
  const look = looks[0] as Look;
  const { page } = await openConsole(browser, api.url, look);
  const invited = { email: 'ana@example.com', role: 'support' } as const;
  const { link } = await inviteUser(operatorOf(api), invited, 'demo');
  await page.goto(`${api.url}${link}`);
  await page.getByRole('link', { name: 'Contacts' }).click();
  await page.getByRole('heading', { name: 'What you can search for' }).waitFor();
  await page.getByLabel('Find a contact').fill('tom@hello.com');
  await page.context().setOffline(true);
  await page.getByLabel('Find a contact').press('Enter');
  await page.getByRole('alert').getByText('The server does not answer').waitFor();
  await takePicture(page, 'away', look);
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
  const look = looks[0] as Look;
  const { page, faults } = await openConsole(browser, api.url, look);
  const manager = operatorOf(api);
  const email = 'ana@example.com';
  const { link } = await inviteUser(manager, { email, role: 'support' });
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
  await takePicture(page, 'session-ended', look);
  await dialog.getByLabel('Password', { exact: true }).fill(goodPassword);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.getByLabel('Find a contact').inputValue(), 'tom@hello.com');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: /Tom/ }).waitFor();
  assert.deepEqual(faults, []);
});
