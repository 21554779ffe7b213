/** Finding a person and understanding them, in a real browser, with the demo's contacts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { share } from '../launch/share.ts';
import {
  assertAccessible,
  assertNotWide,
  type Look,
  looks,
  openConsole,
  takePicture,
} from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { startConsole } from './start-console.ts';

const shared = share(startConsole);

test('a person is found by e-mail, and every part of their page can be read', {
  timeout: 280_000,
}, async (context) => {
  const node = shared();
  const browser = await startBrowser(context);
  await node.lookUp(20);
  for (const look of looks) {
    const { page, faults } = await openConsole(browser, node.url, look);
    await page.goto(await node.invite('admin', 'Dana Reyes'));
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await visitContact(page, node.url, look);
    assert.deepEqual(faults, [], `${look.scheme}, ${look.width}`);
    await page.context().close();
  }
});

async function visitContact(page: Page, url: string, look: Look): Promise<void> {
  await page.goto(`${url}/console/contacts`);
  await page.getByRole('heading', { name: 'What you can search for' }).waitFor();
  await judge(page, 'contacts', look);
  await page.getByLabel('Find a contact').fill('tom@hello.com');
  await page.getByLabel('Find a contact').press('Enter');
  await page.getByRole('heading', { name: 'Contacts found' }).waitFor();
  await judge(page, 'contacts-found', look);
  await page.getByRole('link', { name: /Tom Weber/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Tom Weber' }).waitFor();
  const { pathname, search } = new URL(page.url());
  assert.match(pathname, /^\/console\/contacts\/[0-9a-f-]{36}$/);
  assert.doesNotMatch(search, /tom/, 'the address holds no identity');
  await page.getByText('"first_name"').waitFor();
  await page.getByRole('heading', { name: 'Who looked' }).waitFor();
  await judge(page, 'contact', look);
  for (const [tab, heading] of tabs) {
    await page.getByRole('link', { name: tab }).click();
    await page.getByRole('heading', { level: 2, name: heading }).waitFor();
    await judge(page, `contact-${tab.source.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`, look);
  }
}

const tabs = [
  [/Memberships/, 'Memberships'],
  [/Identities/, 'Identities'],
  [/Who looked/, 'Who looked'],
] as const;

async function judge(page: Page, name: string, look: Look): Promise<void> {
  const words = `${name}, ${look.scheme}, ${look.width}`;
  await page.mouse.move(0, 0);
  await takePicture(page, name, look);
  await assertAccessible(page, words);
  await assertNotWide(page, words);
}

test('the menu finds a person and goes to pages, by keyboard alone', {
  timeout: 180_000,
}, async (context) => {
  const node = shared();
  const browser = await startBrowser(context);
  const look = looks[0] as Look;
  const { page, faults } = await openConsole(browser, node.url, look);
  await page.goto(await node.invite('support', 'Mira Chen'));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find or go to' }).waitFor();
  await page.keyboard.type('tom@hello.com');
  await page.getByRole('option', { name: /Find the contact/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: /Tom Weber/ }).waitFor();
  await judge(page, 'menu', look);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Tom Weber' }).waitFor();
  // A support agent erases nobody.
  assert.equal(await page.getByRole('button', { name: 'Erase…' }).count(), 0);
  await page.locator('h1').click();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await judge(page, 'keyboard', look);
  assert.deepEqual(faults, []);
});
