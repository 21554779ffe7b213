/** The console before anybody is signed in, in a real browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inviteUser } from '../../src/users/manage-users.ts';
import { startApi } from '../http/start-api.ts';
import { goodPassword, operatorOf } from '../users/console-client.ts';
import { assertAccessible, judgePage, looks, openConsole } from './open-console.ts';
import { startBrowser } from './start-browser.ts';

test('who is not signed in sees the sign-in page, wide and narrow, light and dark', {
  timeout: 180_000,
}, async (context) => {
  const api = await startApi(context);
  const browser = await startBrowser(context);
  for (const look of looks) {
    const { page, faults } = await openConsole(browser, api.url, look);
    await page.goto(`${api.url}/console/contacts?tab=x`);
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    assert.equal(await page.title(), 'Sign in · Usher');
    await page.getByLabel('Password', { exact: true }).waitFor();
    await judgePage(page, 'sign-in', look);
    assert.deepEqual(faults, [], `${look.scheme}, ${look.width}`);
    await page.context().close();
  }
});

test('an invited user chooses a password, comes back with it, and signs out', {
  timeout: 180_000,
}, async (context) => {
  const api = await startApi(context);
  const browser = await startBrowser(context);
  const email = 'ana@example.com';
  const { link } = await inviteUser(operatorOf(api), { email, role: 'support', name: 'Ana Bauer' });
  const { page, faults } = await openConsole(browser, api.url);
  await page.goto(`${api.url}${link}`);
  await page.getByRole('heading', { level: 1, name: 'Choose a password' }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the link leaves the address bar');
  const password = page.getByLabel('Password', { exact: true });
  await page.getByLabel('Your name').fill('Ana Bauer-Koch');
  await password.fill('password1234');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('The password is easy to guess').waitFor();
  assert.equal(await password.getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator(':focus').getAttribute('autocomplete'), 'new-password');
  await assertAccessible(page, 'the refused password');
  await password.fill(goodPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.getByRole('button', { name: /Ana Bauer-Koch/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();

  await page.goto(`${api.url}${link}`);
  await page.getByRole('link', { name: 'I have used it: sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.goto(`${api.url}/console/link`);
  await page.getByRole('heading', { level: 1, name: 'Open the whole link again' }).waitFor();
  await page.goto(`${api.url}/console/contacts`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('wrong horse battery');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(goodPassword);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Contacts' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/console/contacts');
  assert.deepEqual(faults, []);
});

test('signing in never leads to another site', { timeout: 180_000 }, async (context) => {
  const api = await startApi(context);
  const browser = await startBrowser(context);
  const email = 'ana@example.com';
  const { link } = await inviteUser(operatorOf(api), { email, role: 'support' }, 'demo');
  const { page, faults } = await openConsole(browser, api.url);
  await page.goto(`${api.url}${link}`);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  for (const to of [
    '//example.com',
    '/\\example.com',
    'https://example.com',
    'javascript:alert(1)',
  ]) {
    await page.goto(`${api.url}/console/sign-in?to=${encodeURIComponent(to)}`);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    assert.equal(new URL(page.url()).origin, api.url, to);
  }
  assert.deepEqual(faults, []);
});
