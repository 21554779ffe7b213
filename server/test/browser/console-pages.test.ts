/**
 * Every page of the console with the data of a company: in every look, with another locale, against
 * a node that is newer, and by keyboard. `npm run screens` takes the pictures here.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PermissionName, roles } from '@usher/contract/roles';
import type { Browser, Page } from 'playwright-core';
import { companyPages, contactTabs } from './company/company-pages.ts';
import { organizationName } from './company/make-company.ts';
import { type RunningCompany, startCompany } from './company/start-company.ts';
import { firstShown } from './first-shown.ts';
import { judgePage, type Look, looks, wideLook } from './open-console.ts';
import { startBrowser } from './start-browser.ts';

interface Place {
  readonly company: RunningCompany;
  readonly browser: Browser;
}

test('every page of a company', { timeout: 900_000 }, async (t) => {
  const place = { browser: await startBrowser(t), company: await startCompany(t) };
  for (const look of looks) {
    const words = `${look.scheme}, ${look.width} px`;
    await t.test(`holds without a fault: ${words}`, () => showPages(place, look));
  }
  await t.test('shows what a newer node answers as it is', () => showUnknownWords(place));
  await t.test('answers the keys of the list of keys', () => pressKeys(place));
  await t.test('opens what a role may open, and asks for nothing else', () => tryRoles(place));
  await t.test('writes times and numbers as the organization does', () => showGerman(place));
});

async function showPages({ company, browser }: Place, look: Look): Promise<void> {
  const { page, faults } = await company.open(browser, 'Dana Reyes', look);
  for (const { path, name, whole } of companyPages) {
    await page.goto(`${company.url}/console${path}`);
    await whole(page);
    const { pathname, search } = new URL(page.url());
    assert.doesNotMatch(pathname + search, /tom/, 'the address holds no identity');
    assert.doesNotMatch(await page.title(), /tom|@/i, 'the title names no person');
    await judgePage(page, name, look);
    if (name === 'contact') await showTabs(page, look);
  }
  assert.deepEqual(faults, []);
  await page.context().close();
}

async function showTabs(page: Page, look: Look): Promise<void> {
  assert.match(new URL(page.url()).pathname, /^\/console\/contacts\/[0-9a-f-]{36}$/);
  await page.getByRole('button', { name: '1 dataset without a row' }).waitFor();
  for (const [tab, name, heading] of contactTabs) {
    await page.getByRole('link', { name: tab }).click();
    await page.getByRole('heading', { level: 2, name: heading }).waitFor();
    await judgePage(page, name, look);
  }
}

/** Members whose values are words of a list, which later versions may make longer. */
const wordMembers =
  /"(state|status|kind|way|outcome|method|policy|sensitivity|trigger|reason|mode)":"[a-z_]+"/g;

/** Each answer has members that the console does not know, and words that are not in its lists. */
async function showUnknownWords({ company, browser }: Place): Promise<void> {
  const { page, faults } = await company.open(browser, 'Dana Reyes', wideLook);
  await page.route('**/console/api/v1/**', async (route) => {
    // A stream that ends, because the network would never be idle otherwise.
    if (route.request().url().endsWith('/events')) {
      return route.fulfill({ contentType: 'text/event-stream', body: 'retry: 60000\n\n' });
    }
    const response = await route.fetch();
    const body = (await response.text())
      .replaceAll(wordMembers, '"$1":"newer_word"')
      .replaceAll('"id":', '"newer_member":{"of":["this"]},"id":');
    return route.fulfill({ response, body });
  });
  for (const { path } of companyPages) {
    await page.goto(`${company.url}/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    assert.equal(await page.getByText('This page failed').count(), 0, path);
    assert.equal(await page.getByText('undefined').count(), 0, path);
  }
  assert.deepEqual(faults, []);
  await page.context().close();
}

async function pressKeys({ company, browser }: Place): Promise<void> {
  const { page, faults } = await company.open(browser, 'Dana Reyes', wideLook);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const keys = page.keyboard;
  const onPage = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
  await page.goto(`${company.url}/console`);
  await onPage('Overview');
  await keys.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the page' });
  await skip.and(page.locator(':focus')).waitFor();
  await page.getByRole('radio', { name: '15 min' }).focus();
  for (const [letter, name] of pagesByKey) {
    await keys.press('g');
    await keys.press(letter);
    await onPage(name);
  }
  await page.locator('h1').click();
  await keys.press('g');
  await keys.press('d');
  await onPage('Datasets');
  await page.getByRole('link', { name: 'crm', exact: true }).waitFor();
  await keys.press('j');
  await keys.press('j');
  await keys.press('k');
  await keys.press('.');
  await page.getByText('Copied the link').waitFor({ state: 'attached' });
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), page.url());
  await keys.press('Enter');
  await page.waitForURL(/\/console\/datasets\/\w+$/);
  await keys.press('g');
  await keys.press('a');
  await onPage('Access log');
  await keys.press('/');
  await keys.type('gj?');
  assert.equal(await page.getByLabel('Contact', { exact: true }).inputValue(), 'gj?');
  await page.locator('h1').click();
  await keys.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.getByLabel('Single letters act').uncheck();
  await keys.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys.press('?');
  await keys.press('g');
  await keys.press('o');
  await keys.press('Control+k');
  await page.getByRole('combobox', { name: 'Find or go to' }).waitFor();
  assert.match(page.url(), /\/console\/access$/);
  assert.deepEqual(faults, []);
  await page.context().close();
}

/** Contacts comes last: its field takes the letters that follow. */
const pagesByKey = [
  ['f', 'Fields'],
  ['u', 'Audit'],
  ['m', 'Users and sessions'],
  ['y', 'Your account'],
  ['o', 'Overview'],
  ['c', 'Contacts'],
] as const;

/** A user of each role, other than the admin, who may do everything. */
const usersByRole = [
  ['engineer', 'Noor Haddad'],
  ['marketer', 'Ivo Novak'],
  ['analyst', 'Lena Fischer'],
  ['support', 'Mira Chen'],
  ['auditor', 'Sam Okafor'],
] as const;

/** Of commands to copy. */
const inCompany = `--organization ${organizationName}`;

/** What each address needs, and what is there when it is whole. */
const guarded: readonly (readonly [path: string, permission: PermissionName, sign: string])[] = [
  ['/?range=24h', 'usage:read', 'Freshness by dataset'],
  ['/contacts', 'contacts:read', 'What you can search for'],
  ['/contacts/ID', 'contacts:read', 'Identities'],
  ['/contacts/ID?tab=looks', 'access:read', 'In the access log'],
  ['/datasets', 'datasets:read', 'shop_orders'],
  ['/datasets/crm?tab=sample', 'contacts:list', 'noted in the access log'],
  ['/datasets/crm?tab=history', 'datasets:read', 'first definition'],
  ['/datasets/shop_orders', 'datasets:read', 'Fields that lose values'],
  ['/new-dataset', 'datasets:write', `import people.csv ${inCompany}`],
  ['/new-dataset?dataset=crm', 'datasets:write', `people.csv --dataset crm ${inCompany}`],
  ['/fields', 'fields:read', 'revenue_lifetime'],
  ['/access', 'access:read', 'Chain verified'],
  ['/audit', 'audit:read', 'the newest first'],
  ['/users', 'users:read', 'This session'],
  ['/account', 'usage:read', 'Your sessions'],
];

const findTom = `fetch('/console/api/v1/contacts/search', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: '{"query":"tom@hello.com"}',
}).then((answer) => answer.json()).then(({ candidates }) => candidates[0].contact_id)`;

async function tryRoles({ company, browser }: Place): Promise<void> {
  for (const [role, name] of usersByRole) {
    const { page, faults } = await company.open(browser, name, wideLook);
    const refused: string[] = [];
    page.on('response', (response) => {
      if (response.status() === 403) refused.push(`${role}: ${response.url()}`);
    });
    await page.goto(`${company.url}/console`);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const id = String(await page.evaluate(findTom));
    for (const [path, permission, sign] of guarded) {
      // As a link does, without loading the console again.
      const address = JSON.stringify(`/console${path.replace('ID', id)}`);
      await page.evaluate(`history.pushState({}, '', ${address})`);
      const isOpen = roles[role].includes(permission);
      const words = isOpen ? sign : new RegExp(`Your role ${role} does not open this (page|tab)`);
      await firstShown(page.getByRole('main'), words).waitFor();
      // The page says it once, and offers nothing that cannot help.
      if (!isOpen) assert.equal(await page.getByRole('main').getByRole('alert').count(), 0, path);
    }
    await page.evaluate("history.pushState({}, '', '/console/fields')");
    await page.getByText('revenue_lifetime').waitFor();
    const boxes = await page.getByRole('main').getByRole('checkbox').count();
    assert.equal(boxes > 0, roles[role].includes('fields:write'), role);
    assert.deepEqual([...refused, ...faults], []);
    await page.context().close();
  }
}

/** Reads times and numbers of the page. As text: tests are typed without the browser's objects. */
const readTexts = `({
  times: [...document.querySelectorAll('main time')].map((time) => [time.dateTime, time.innerText]),
  numbers: [...document.querySelectorAll('main td, main dd, main footer')]
    .map((cell) => cell.innerText).filter((text) => /\\d,\\d{3}(?!\\d)/.test(text)),
})`;

interface Texts {
  readonly times: readonly (readonly [time: string, text: string])[];
  /** Grouped as in English. */
  readonly numbers: readonly string[];
}

/** A German organization in India. */
async function showGerman({ company, browser }: Place): Promise<void> {
  const zone = 'Asia/Kolkata';
  await company.change({ locale: 'de-DE', time_zone: zone });
  const { page, faults } = await company.open(browser, 'Dana Reyes', wideLook);
  const clock = new Intl.DateTimeFormat('de-DE', {
    ...({ timeZone: zone, timeStyle: 'short' } as const),
  });
  const day = new Intl.DateTimeFormat('de-DE', { timeZone: zone, day: 'numeric', month: 'short' });
  for (const { path, whole, name } of companyPages) {
    await page.goto(`${company.url}/console${path}`);
    await whole(page);
    const { times, numbers } = (await page.evaluate(readTexts)) as Texts;
    for (const [time, words] of times) {
      const isAge = /^\d+\s(s|min|h|d)\b/.test(words) || words === '';
      const known = [clock.format(Date.parse(time)), day.format(Date.parse(time))];
      assert.ok(isAge || known.some((one) => words.includes(one)), `${name}: ${time} ${words}`);
    }
    assert.deepEqual(numbers, [], name);
  }
  await page.goto(`${company.url}/console/datasets`);
  await firstShown(page, '1.400').waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
}
