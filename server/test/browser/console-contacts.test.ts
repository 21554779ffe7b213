/** Finding a person and understanding them, in a real browser, with the demo's contacts. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { mustRunCommand } from '../launch/run-command.ts';
import { share } from '../launch/share.ts';
import { firstShown } from './first-shown.ts';
import {
  assertAccessible,
  judgePage,
  openConsole,
  pressWhileAway,
  wideLook,
} from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { type RunningConsole, startConsole } from './start-console.ts';

/** With a second type that an e-mail fits. */
const shared = share(async (context: Parameters<typeof startConsole>[0]) => {
  const node = await startConsole(context);
  const create = ['identity-type', 'create', 'loyalty', '--normalisation', 'exact'];
  await mustRunCommand(node.dataFolder, [...create, '--organization', 'demo']);
  const rule = 'address_city == "Oslo" || (address_state in ["NY", "NJ"])';
  const segment = ['segment', 'create', 'Near', '--rule', rule, '--organization', 'demo'];
  await mustRunCommand(node.dataFolder, segment);
  return node;
});

test('the menu finds a person and goes to pages, by keyboard alone', {
  timeout: 180_000,
}, async (context) => {
  const node = shared();
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url);
  await page.goto(await node.invite('support', 'Mira Chen'));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find or go to' }).waitFor();
  await page.keyboard.type('tom@hello.com');
  await page.getByRole('option', { name: /Find the contact/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: /Tom Weber/ }).waitFor();
  await judgePage(page, 'menu', wideLook);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Tom Weber' }).waitFor();
  await page.getByRole('link', { name: /Memberships/ }).click();
  const near = page.getByRole('region', { name: 'Near' });
  const words =
    /One of: address_city is New York; must be Oslo, or address_state is NY; must be NY or NJ/;
  await near.getByText(words).waitFor();
  // A support agent erases nobody.
  assert.equal(await page.getByRole('button', { name: 'Erase…' }).count(), 0);
  await page.locator('h1').click();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await judgePage(page, 'keyboard', wideLook);
  assert.deepEqual(faults, []);
});

test('an administrator merges, splits, exports and erases, also after the server was away', {
  timeout: 280_000,
}, async (context) => {
  const node = shared();
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url);
  await page.goto(await node.invite('admin', 'Dana Reyes'));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await openContact(page, node, 'contact2@example.com');
  const { pathname: otherPath } = new URL(page.url());
  await openContact(page, node, 'contact1@example.com');
  const { pathname: ownPath } = new URL(page.url());
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Merge with…' }).click();
  const other = page.getByLabel('An identity of the other contact');
  await other.fill('contact2@example.com');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.getByRole('button', { name: /contact2@example\.com/ }).waitFor();
  await assertAccessible(page, 'the question before a merge');
  const merge = page.getByRole('button', { name: 'Merge', exact: true });
  await pressWhileAway(page, merge, [other]);
  await merge.click();
  await firstShown(page, 'Two contacts are one').waitFor();
  const merged: boolean[] = [];
  for (const path of [ownPath, otherPath]) {
    await page.goto(node.url + path);
    await page.getByRole('link', { name: /Identities 2/ }).waitFor();
    merged.push(await page.getByText('merged since the link was made').isVisible());
  }
  assert.deepEqual(merged.toSorted(), [false, true], 'one id is left, and both links work');
  await page.goto(node.url + ownPath);
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
  const word = page.getByLabel(/to confirm/);
  await word.fill(' contact 1');
  await assertAccessible(page, 'the question before an erasure');
  await pressWhileAway(page, erase, [word]);
  const { pathname } = new URL(page.url());
  await erase.click();
  await page.getByRole('heading', { level: 1, name: 'Contacts' }).waitFor();
  const notice = page.getByRole('region', { name: 'Notice' });
  await notice.getByText(/is erased\. Receipt \S+/).waitFor();
  await assertAccessible(page, 'the notice of an erasure');
  await notice.getByRole('button', { name: 'Close' }).click();
  await page.goto(node.url + pathname);
  await page.getByText('No contact has this id').waitFor();
  await page.getByRole('link', { name: 'Find a contact' }).click();
  await page.getByLabel('Find a contact').fill('contact1@example.com');
  await page.getByLabel('Find a contact').press('Enter');
  await firstShown(page, 'Nobody has this identity').waitFor();
  await page
    .getByRole('button', { name: /^Search as / })
    .first()
    .click();
  await page.getByText('Searched as', { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

async function openContact(page: Page, { url }: RunningConsole, email: string): Promise<void> {
  let looks = 0;
  page.on('request', (request) => {
    looks += Number(request.url().endsWith('/v1/contacts/explain'));
  });
  await page.goto(`${url}/console/contacts`);
  await page.getByLabel('Find a contact').fill(email);
  await page.getByLabel('Find a contact').press('Enter');
  await page.getByRole('link', { name: /found by email/ }).click();
  await page.getByRole('button', { name: 'Export' }).waitFor();
  await page.getByRole('combobox', { name: 'The token that looks up' }).waitFor();
  assert.equal(looks, 1, 'one visit is one look in the access log');
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
