/** Revealing a masked value in a real browser: a reason is asked, and the value shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustRunUsher } from '../launch/run-usher.ts';
import { judgePage, openConsole, pressWhileAway, wideLook } from './open-console.ts';
import { startBrowser } from './start-browser.ts';
import { startConsole } from './start-console.ts';

test('a masked value is revealed for a reason, also after the server was away', {
  timeout: 180_000,
}, async (context) => {
  const node = await startConsole(context);
  const hide = ['address_city', '--sensitivity', 'sensitive', '--organization', 'demo'];
  await mustRunUsher(node.dataFolder, ['field', 'set', ...hide]);
  const browser = await startBrowser(context);
  const { page, faults } = await openConsole(browser, node.url);
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
  assert.deepEqual(faults, []);
});
