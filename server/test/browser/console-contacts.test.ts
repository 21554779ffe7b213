/** Finding a person and understanding them, in a real browser, with the demo's contacts. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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
import { type RunningConsole, startConsole } from './start-console.ts';

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

test('an administrator merges, splits, exports and erases a contact', {
  timeout: 280_000,
}, async (context) => {
  const node = shared();
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url, looks[0] as Look);
  await page.goto(await node.invite('admin', 'Dana Reyes'));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await openContact(page, node, 'contact1@example.com');
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Merge with…' }).click();
  await page.getByLabel('An identity of the other contact').fill('email:contact2@example.com');
  await assertAccessible(page, 'the question before a merge');
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await page.getByText('Two contacts are one').first().waitFor();
  await page.getByRole('link', { name: /Identities 2/ }).click();
  await splitSecond(page);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await page.getByRole('link', { name: /Identities 2/ }).waitFor();
  await splitSecond(page);

  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const exported = await readFile(await (await saving).path(), 'utf8');
  assert.match(exported, /contact1@example\.com/);
  assert.doesNotMatch(exported, /contact2@example\.com/);

  await page.getByRole('button', { name: 'Erase…' }).click();
  const erase = page.getByRole('button', { name: 'Erase', exact: true });
  assert.ok(await erase.isDisabled());
  await page.getByLabel(/to confirm/).fill('contact1@example.com');
  await assertAccessible(page, 'the question before an erasure');
  await erase.click();
  await page.getByRole('heading', { level: 1, name: 'Contacts' }).waitFor();
  await page.getByLabel('Find a contact').fill('contact1@example.com');
  await page.getByLabel('Find a contact').press('Enter');
  await page.getByText('Nobody has this identity').waitFor();
  assert.deepEqual(faults, []);
});

async function openContact(page: Page, { url }: RunningConsole, email: string): Promise<void> {
  await page.goto(`${url}/console/contacts`);
  await page.getByLabel('Find a contact').fill(email);
  await page.getByLabel('Find a contact').press('Enter');
  await page.getByRole('link', { name: /found by email/ }).click();
  await page.getByRole('button', { name: 'Export' }).waitFor();
}

/** The identity that came with the merge becomes a contact of its own again. */
async function splitSecond(page: Page): Promise<void> {
  const item = page.getByText('contact2@example.com').last();
  await item.waitFor();
  await page.getByRole('button', { name: 'Split off… contact2@example.com' }).click();
  await page.getByLabel(/to confirm/).fill('email');
  await assertAccessible(page, 'the question before a split');
  await page.getByRole('button', { name: 'Split off', exact: true }).click();
  await page.getByRole('link', { name: /Identities 1/ }).waitFor();
}
