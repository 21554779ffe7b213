/** Revealing a masked value in a real browser: a reason is asked, and the value shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { mustRunUsher } from '../launch/run-usher.ts';
import {
  assertAccessible,
  judgePage,
  openConsole,
  pressWhileAway,
  wideLook,
} from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { type RunningConsole, startConsole } from './start-console.ts';

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
  await page.getByRole('heading', { level: 1, name: 'Tom Weber' }).waitFor(soon);
  await page.getByRole('button', { name: 'Reveal address_city' }).click();
  await dialog.getByRole('combobox', { name: 'Reason' }).click();
  await page.getByRole('option', { name: 'A complaint' }).click();
  await reveal.click();
  await page.getByText('New York').waitFor();
  await auditorReads(browser, node);
  const end = new URL(page.url()).pathname.slice(-6);
  assert.equal(await page.title(), `Contact …${end} · Usher`);
  await node.change('Mira Chen', 'end sessions');
  await page.getByRole('dialog', { name: 'Your session ended' }).waitFor(soon);
  assert.doesNotMatch(await inDocument(page), /New York|tom@hello\.com|Tom|Contacts/);
  assert.equal(await page.title(), 'Sign in again · Usher');
  await assertAccessible(page, 'a covered page');
  await asksOnlyForItsSession(page);
  assert.deepEqual(faults, []);
});

/** The event that tells of it comes within a second. */
const soon = { timeout: 5_000 };

async function inDocument(page: Page): Promise<string> {
  return String(await page.evaluate('document.body.outerHTML'));
}

/** The log keeps no roles, and the one of today could not have done it. */
async function auditorReads(browser: Browser, node: RunningConsole): Promise<void> {
  const { page, faults } = await openConsole(browser, node.url, wideLook);
  await page.goto(await node.invite('auditor', 'Sam Okafor'));
  await page.getByRole('link', { name: 'Access log' }).click();
  const row = page.getByRole('row').filter({ hasText: 'A complaint, CASE-48797' });
  await row.getByText('Mira Chen').waitFor(soon);
  assert.doesNotMatch(String(await row.textContent()), /support|analyst/);
  const whom = row.getByRole('link', { name: /^Only looks at [0-9a-f]{8}$/ });
  const digits = String(await whom.textContent());
  await whom.click();
  await page.getByText(`Looks at ${digits}`, { exact: true }).waitFor(soon);
  assert.match(new URL(page.url()).search, /^\?subject=[0-9a-f]{32}$/);
  await judgePage(page, 'access-whom', wideLook);
  await page.getByRole('button', { name: 'Looks at anybody' }).click();
  await page.getByLabel('Contact').waitFor(soon);
  assert.deepEqual(faults, []);
  await page.context().close();
}

async function asksOnlyForItsSession(page: Page): Promise<void> {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const again = page.waitForResponse(/\/console\/api\/session$/);
  await page.clock.fastForward(61_000);
  await again;
  assert.deepEqual([...new Set(asked)], ['/console/api/session']);
}
