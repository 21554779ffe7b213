/**
 * An administrator in the browser: invites somebody, takes the role away, resets and revokes. And a
 * user who changes the own password and sets up a second factor.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import decodeQR from 'qr/decode.js';
import { inviteUser } from '../../src/users/manage-users.ts';
import { totpCode } from '../../src/users/totp.ts';
import { type RunningApi, startApi } from '../http/start-api.ts';
import { waitFor } from '../launch/run-usher.ts';
import {
  ConsoleClient,
  goodPassword,
  makeUser,
  operatorOf,
  type TrialUser,
} from '../users/console-client.ts';
import { finish, startBoth } from '../users/start-oidc-api.ts';
import {
  assertAccessible,
  type ConsolePage,
  openConsole,
  openSignedIn,
  wideLook,
} from './open-console.ts';
import { startBrowser } from './start-browser.ts';

/** A confirmation counts for 5 minutes. */
const sixMinutesMs = 360_000;

interface Place {
  readonly api: RunningApi;
  readonly browser: Browser;
  /** Moves the server's clock, so that confirmations end. */
  readonly wait: (ms: number) => void;
  readonly nowMs: () => number;
}

async function startPlace(t: TestContext): Promise<Place> {
  let shiftMs = 0;
  const nowMs = () => Date.now() + shiftMs;
  const api = await startApi(t, { clock: nowMs });
  const browser = await startBrowser(t);
  const wait = (ms: number) => {
    shiftMs += ms;
  };
  return { api, browser, wait, nowMs };
}

/** The browser of a user who is signed in. */
async function openAs(
  { api, browser }: Pick<Place, 'api' | 'browser'>,
  { client }: Pick<TrialUser, 'client'>,
): Promise<ConsolePage> {
  return openSignedIn(browser, api.url, client);
}

/** What a scanner reads of a code whose dark modules are in this path. */
function scan(path: string): string {
  const dark = [...path.matchAll(/M(\d+) (\d+)/g)].map(
    ([, x, y]) => [Number(x), Number(y)] as const,
  );
  const side = modulePixels * (Math.max(...dark.map(([x]) => x)) + 5);
  const data = new Uint8Array(4 * side * side).fill(255);
  for (const [x, y] of dark) {
    for (let pixel = 0; pixel < modulePixels ** 2; pixel += 1) {
      const row = y * modulePixels + Math.floor(pixel / modulePixels);
      const start = 4 * (row * side + x * modulePixels + (pixel % modulePixels));
      data.fill(0, start, start + 3);
    }
  }
  return decodeQR({ width: side, height: side, data });
}

const modulePixels = 4;

async function confirmWith(page: Page, password: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.getByLabel('Your password').fill(password);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
}

async function choose(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Change ${name}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function changeRole(page: Page, person: string, role: string): Promise<void> {
  await choose(page, person, 'Change the role…');
  await page.getByRole('combobox', { name: 'Role' }).click();
  await page.getByRole('option', { name: role }).click();
  await page.getByRole('button', { name: 'Change the role' }).click();
  await page.getByRole('cell', { name: role, exact: true }).waitFor();
}

/** Asks outside the page, with the cookies of its browser. */
async function fetchAs(page: Page, url: string): Promise<Response> {
  const cookies = await page.context().cookies();
  return fetch(url, { headers: { cookie: cookies.map((c) => `${c.name}=${c.value}`).join('; ') } });
}

test('somebody who is invited signs in with the link, and loses a role at the next call', {
  timeout: 300_000,
}, async (t) => {
  const place = await startPlace(t);
  const { api, browser, wait } = place;
  const { page, faults } = await openAs(place, await makeUser(api, 'admin'));
  await page.goto(`${api.url}/console`);
  await page.getByRole('link', { name: 'Users and sessions' }).click();
  await page.getByRole('heading', { level: 1, name: 'Users and sessions' }).waitFor();
  wait(sixMinutesMs);
  await page.getByRole('button', { name: 'Invite…' }).click();
  const send = page.getByRole('button', { name: 'Invite', exact: true });
  await page.getByLabel('E-mail').fill('ana');
  await send.click();
  await page.getByText('Type an e-mail address, such as ana@example.com.').waitFor();
  await page.getByLabel('E-mail').and(page.locator(':focus')).fill('ana@example.com');
  await page.getByLabel('Name').fill('Ana Bauer');
  await page.getByRole('combobox', { name: 'Role' }).click();
  await page.getByRole('option', { name: 'auditor' }).click();
  await assertAccessible(page, 'the invitation');
  await send.click();
  await confirmWith(page, goodPassword);
  const address = page.getByText(/\/console\/link#/);
  await address.waitFor();
  await assertAccessible(page, 'the link');
  const link = await address.innerText();
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await address.waitFor({ state: 'detached' });

  const ana = await openConsole(browser, api.url, wideLook);
  await ana.page.goto(link);
  await ana.page.getByLabel('Password', { exact: true }).fill(goodPassword);
  await ana.page.getByRole('button', { name: 'Continue' }).click();
  // An auditor sees the users, and changes none.
  await ana.page.getByRole('link', { name: 'Users and sessions' }).click();
  await ana.page
    .getByRole('cell', { name: /ana@example.com/ })
    .first()
    .waitFor();
  assert.equal(await ana.page.getByRole('button', { name: /Invite|^Change |^End / }).count(), 0);

  await ana.page.evaluate('globalThis.isKept = true');
  await changeRole(page, 'Ana Bauer', 'analyst');
  // Not asked in her page, which may be loading again.
  assert.equal((await fetchAs(ana.page, `${api.url}/console/api/v1/users`)).status, 403);
  // The page that is open closes by itself.
  await ana.page.getByRole('heading', { name: 'Your role analyst does not open' }).waitFor();
  const notice = ana.page.getByRole('region', { name: 'Notice' });
  await notice.getByText('Your role is analyst now.').waitFor();
  const isKept = await ana.page.evaluate('globalThis.isKept');
  assert.equal(isKept, undefined, 'nothing that the old role showed stays in memory');
  await ana.page.getByRole('link', { name: 'Open the overview' }).click();
  await ana.page.getByRole('link', { name: 'Your account' }).waitFor();
  assert.equal(await ana.page.getByRole('link', { name: 'Users and sessions' }).count(), 0);
  // The page asks itself if no events arrive.
  await ana.page.route('**/console/api/v1/events', (route) => route.fulfill({ status: 204 }));
  await ana.page.reload();
  await ana.page.getByRole('link', { name: 'Your account' }).waitFor();
  await changeRole(page, 'Ana Bauer', 'auditor');
  await notice.getByText('Your role is auditor now.').waitFor();

  await page.reload();
  await choose(page, 'Ana Bauer', 'Revoke…');
  const revoke = page.getByRole('button', { name: 'Revoke', exact: true });
  assert.equal(await revoke.isDisabled(), true);
  await page.getByText('1 session ends at once.').waitFor();
  await page.getByLabel(/to confirm/).fill('ana@example.com');
  await assertAccessible(page, 'the question before a revocation');
  await revoke.click();
  await page.getByRole('cell', { name: 'revoked' }).waitFor();
  await ana.page.goto(`${api.url}/console`);
  await ana.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  assert.deepEqual([...faults, ...ana.faults], []);
});

test('an administrator ends a session, and resets a user, who chooses a new password', {
  timeout: 300_000,
}, async (t) => {
  const place = await startPlace(t);
  const { api, browser } = place;
  const support = await makeUser(api, 'support');
  const { page, faults } = await openAs(place, await makeUser(api, 'admin'));
  await page.goto(`${api.url}/console/users`);
  const own = page.getByRole('row', { name: /admin@example.com.*This session/ });
  await own.waitFor();
  assert.equal(await own.getByRole('button').count(), 0);
  const end = page.getByRole('button', { name: 'End the session of support@example.com' });
  await end.click();
  await end.waitFor({ state: 'detached' });
  assert.equal((await support.client.call({ path: '/session' })).status, 401);
  await choose(page, 'support@example.com', 'Reset…');
  await page.getByLabel(/to confirm/).fill('support@example.com');
  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  const link = await page.getByText(/\/console\/link#/).innerText();
  assert.equal((await support.client.signIn(support.email)).status, 401);
  const again = await openConsole(browser, api.url, wideLook);
  await again.page.goto(link);
  await again.page.getByRole('heading', { level: 1, name: 'Choose a password' }).waitFor();
  await findAmongMany(page, api);
  assert.deepEqual([...faults, ...again.faults], []);
});

/** Many users can be filtered, by words that never come into the address. */
async function findAmongMany(page: Page, api: RunningApi): Promise<void> {
  for (let number = 0; number < 8; number += 1) {
    const email = `bo${number}@example.com`;
    await inviteUser(operatorOf(api), { email, name: `Bo ${number}`, role: 'auditor' });
  }
  await page.reload();
  const filter = page.getByLabel('Find a user');
  await filter.fill('BO3@');
  const rows = page.getByRole('table', { name: 'Users' }).getByRole('row');
  await waitFor(async () => (await rows.count()) === 2 || undefined, 30_000);
  await page.getByRole('cell', { name: 'Bo 3 bo3@example.com' }).waitFor();
  assert.doesNotMatch(page.url(), /bo3/i);
  await filter.fill('nobody at all');
  await page.getByText('Nobody matches').waitFor();
  await assertAccessible(page, 'the filter of users');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  assert.equal(await filter.inputValue(), '');
}

test('a user changes the password, and sets up and removes a second factor', {
  timeout: 300_000,
}, async (t) => {
  const place = await startPlace(t);
  const { api, wait, nowMs } = place;
  const user = await makeUser(api, 'analyst');
  await new ConsoleClient(api).signIn(user.email);
  const { page, faults } = await openAs(place, user);
  await page.goto(`${api.url}/console/account`);
  await page.getByRole('button', { name: /^End the session of/ }).click();
  await page.getByRole('button', { name: /^End the session of/ }).waitFor({ state: 'detached' });
  await page.getByLabel('Your password', { exact: true }).fill('wrong horse battery');
  await page.getByLabel('New password', { exact: true }).fill('another good password');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Your password', { exact: true }).fill(goodPassword);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('The password is changed.').waitFor();

  wait(sixMinutesMs);
  await page.getByRole('button', { name: 'Set up' }).click();
  await confirmWith(page, 'another good password');
  const secret = String(await page.locator('[data-secret]').getAttribute('data-secret'));
  const drawn = page.getByRole('img', { name: 'The secret as a QR code' }).locator('path');
  const uri = await page.getByRole('link', { name: /authenticator/ }).getAttribute('href');
  assert.match(String(uri), /^otpauth:\/\/totp\//);
  assert.equal(scan(String(await drawn.getAttribute('d'))), uri);
  await assertAccessible(page, 'the secret');
  const code = () => totpCode(secret, Math.floor(nowMs() / 30_000));
  const typed = page.getByLabel('The code that it shows');
  await typed.fill('12 3');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('The code has six digits.').waitFor();
  // Authenticators show two halves.
  await typed.fill(code().replace(/^.../, '$& '));
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('button', { name: 'Remove…' }).waitFor();
  const refused = await user.client.signIn(user.email, 'another good password');
  assert.match(refused.body, /code_required/);
  wait(60_000);
  await signInWithCode(place, user.email, code);

  wait(sixMinutesMs);
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByLabel(/to confirm/).fill('remove');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByLabel('Code of your authenticator').fill(code());
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'Set up' }).waitFor();
  assert.deepEqual(faults, []);
});

/** A wrong code asks for the next one, and the password stays. */
async function signInWithCode(place: Place, email: string, code: () => string): Promise<void> {
  const { page, faults } = await openConsole(place.browser, place.api.url);
  await page.goto(`${place.api.url}/console/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('another good password');
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  const digits = page.getByLabel('The six digits from your authenticator');
  await digits.waitFor();
  assert.equal(await page.getByRole('alert').count(), 0, 'a question is no mistake');
  await assertAccessible(page, 'the question for a code');
  await page.keyboard.type('12');
  assert.equal(await digits.inputValue(), '12');
  assert.equal(await page.getByRole('alert').count(), 0);
  await digits.fill('000000');
  await page.getByText('This code is not right, or it was used.').waitFor();
  assert.equal(await page.locator(':focus').inputValue(), '');
  // The sixth digit sends it.
  await page.keyboard.type(code());
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.context().close();
  assert.deepEqual(faults, []);
}

interface Answered {
  readonly user: { readonly id: string };
}

test('a user without a password confirms by signing in again at the provider', {
  timeout: 300_000,
}, async (t) => {
  let shiftMs = 0;
  const { api, browser: newClient, visit } = await startBoth(t, () => Date.now() + shiftMs);
  const client = newClient();
  const back = await visit(client);
  assert.equal((await finish(client, back.search.slice(1))).status, 200);
  const place = { api, browser: await startBrowser(t) };
  const { page, faults } = await openAs(place, { client });
  await page.goto(`${api.url}/console/account`);
  await page.getByText(/Your role \w+ comes from your groups at Example Login/).waitFor();
  assert.equal(await page.getByRole('button', { name: /Set up|Change the password/ }).count(), 0);
  // An administrator gives a role, which no longer goes with the groups.
  const admin = await makeUser(api, 'admin');
  const { user } = JSON.parse((await client.call({ path: '/session' })).body) as Answered;
  const given = { method: 'PATCH', path: `/v1/users/${user.id}`, body: { role: 'auditor' } };
  assert.equal((await admin.client.call(given)).status, 200);
  await page.getByRole('button', { name: 'Set up' }).waitFor();
  shiftMs = sixMinutesMs;
  await page.getByRole('button', { name: 'Set up' }).click();
  const again = page.getByRole('link', { name: 'Continue with Example Login' });
  assert.equal(await again.getAttribute('href'), '/console/api/session/oidc');
  assert.equal(await page.getByLabel('Your password').count(), 0);
  await assertAccessible(page, 'the way to sign in again');
  assert.deepEqual(faults, []);
});
