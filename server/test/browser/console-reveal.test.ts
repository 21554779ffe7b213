/** Revealing a masked value in a real browser: a reason is asked, and the value shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { mustRunUsher } from '../launch/run-usher.ts';
import {
  assertAccessible,
  judgePage,
  openConsole,
  pressWhileAway,
  wideLook,
} from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { startConsole } from './start-console.ts';

test('a masked value is revealed for a reason, and goes with the role and the session', {
  timeout: 180_000,
}, async (context) => {
  const node = await startConsole(context);
  const hide = ['address_city', '--sensitivity', 'sensitive', '--organization', 'demo'];
  await mustRunUsher(node.dataFolder, ['field', 'set', ...hide]);
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url);
  await page.clock.install();
  await page.goto(await node.invite('support', 'Mira Chen'));
  await page.getByRole('link', { name: 'Contacts' }).click();
  await page.getByLabel('Find a contact').fill('tom@hello.com');
  await page.getByLabel('Find a contact').press('Enter');
  await page.locator('a[data-row]').click();
  await page.getByRole('button', { name: 'Reveal address_city' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reveal address_city' });
  await dialog.getByRole('combobox', { name: 'Reason' }).click();
  await page.getByRole('option', { name: 'A complaint' }).click();
  await dialog.getByLabel('Ticket').fill('Tom said <b>');
  await dialog.getByText('Only a number, with up to 8 letters in front.').waitFor();
  assert.equal(await dialog.getByLabel('Ticket').inputValue(), 'Tom said <b>');
  assert.equal(await dialog.getByRole('button', { name: 'Reveal' }).isDisabled(), true);
  await dialog.getByLabel('Ticket').fill('CASE-48797');
  await judgePage(page, 'reveal', wideLook);
  assert.equal(await page.getByText('New York').count(), 0);
  const reveal = dialog.getByRole('button', { name: 'Reveal' });
  await pressWhileAway(page, reveal, [
    dialog.getByRole('combobox', { name: 'Reason' }),
    dialog.getByLabel('Ticket'),
  ]);
  await reveal.click();
  await page.getByText('New York').waitFor();

  await node.change('Mira Chen', { role: 'analyst' });
  const notice = page.getByRole('region', { name: 'Notice' });
  await notice.getByText('Your role is analyst now.').waitFor(soon);
  await page.getByRole('img', { name: 'address_city is masked' }).waitFor();
  assert.doesNotMatch(await inDocument(page), /New York|tom@hello\.com/);

  await node.change('Mira Chen', { role: 'support' });
  await page.getByRole('button', { name: 'Reveal address_city' }).click();
  await dialog.getByRole('combobox', { name: 'Reason' }).click();
  await page.getByRole('option', { name: 'A complaint' }).click();
  await reveal.click();
  await page.getByText('New York').waitFor();
  const title = await page.title();
  await node.change('Mira Chen', 'end sessions');
  await page.getByRole('dialog', { name: 'Your session ended' }).waitFor(soon);
  assert.doesNotMatch(await inDocument(page), /New York/);
  assert.doesNotMatch(await drawn(page), /tom@hello\.com|Tom|Contacts/);
  assert.notEqual(await page.title(), title);
  await assertAccessible(page, 'a covered page');
  await asksOnlyForItsSession(page);
  assert.deepEqual(faults, []);
});

/** The event that tells of it comes within a second. */
const soon = { timeout: 5_000 };

async function inDocument(page: Page): Promise<string> {
  return String(await page.evaluate('document.body.textContent'));
}

/** Without what is hidden. */
async function drawn(page: Page): Promise<string> {
  return String(await page.evaluate('document.body.innerText'));
}

async function asksOnlyForItsSession(page: Page): Promise<void> {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const again = page.waitForResponse(/\/console\/api\/session$/);
  await page.clock.fastForward(61_000);
  await again;
  assert.deepEqual([...new Set(asked)], ['/console/api/session']);
}
