/**
 * Signing in with OpenID Connect in a real browser, with a real server and a real provider: away to
 * the provider, back to the page of the callback, and on to the console.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { freePort, makeDataFolder, startUsher } from '../launch/run-usher.ts';
import { clientId, startProvider } from '../users/start-provider.ts';
import { startBrowser } from './start-browser.ts';

const patienceMs = 60_000;

test('the browser comes back from the provider signed in, and the address keeps no code', {
  timeout: 180_000,
}, async (t) => {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const provider = await startProvider(t, `${url}/console/api/session/oidc/callback`);
  provider.user = { ...provider.user, name: 'Ana', groups: ['desk'] };
  const data = makeDataFolder(t);
  const { issuer, clientSecret } = provider;
  const roles = { desk: 'support' };
  const file = { issuer, client_id: clientId, client_secret: clientSecret, roles };
  const path = `${data}-oidc.json`;
  writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
  const server = await startUsher(data, {
    ...{ USHER_PORT: String(port), USHER_OIDC: path, USHER_WORKERS: '2' },
  });
  t.after(server.stop);
  const browser = await startBrowser(t);
  const page = await browser.newPage();
  page.setDefaultTimeout(patienceMs);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (line) => {
    if (/Content Security Policy/.test(line.text())) complaints.push(line.text());
  });
  await page.goto(`${url}/console/datasets?tab=runs`);
  await page.getByRole('link', { name: /^Continue with / }).click();
  // Back at the address that asked to sign in.
  await page.waitForURL(`${url}/console/datasets?tab=runs`);
  await page.getByRole('heading', { level: 1, name: 'Datasets' }).waitFor();
  assert.doesNotMatch(page.url(), /code=|state=/);
  const user = await page.evaluate(async () => {
    const answer = await fetch('/console/api/session');
    return ((await answer.json()) as { user: { email: string; role: string } }).user;
  });
  assert.equal(user.email, 'ana@example.com');
  assert.equal(user.role, 'support');

  await page.goto(`${url}/console/account`);
  const heading = page.getByRole('heading', { level: 1, name: 'Your account' });
  await heading.waitFor();
  await page.evaluate(() => fetch('/console/api/session', { method: 'DELETE' }));
  const again = page.getByRole('dialog', { name: 'Your session ended' });
  const opened = page.waitForEvent('popup');
  await again.getByRole('link', { name: /^Continue with .* in a new window$/ }).click();
  // The other window is of no use any more.
  const popup = await opened;
  await Promise.race([
    popup.waitForEvent('close', { timeout: patienceMs }),
    popup.getByText('Go on in the other window, and close this one.').waitFor(),
  ]);
  await again.waitFor({ state: 'detached' });
  await heading.waitFor();
  assert.deepEqual(complaints, []);

  const refused = `${url}/console/api/session/oidc/callback?code=guess&state=guess`;
  await page.goto(refused);
  await page.getByText(/did not begin in this browser|was refused/).waitFor();
  await page.getByRole('link', { name: 'Back to the console' }).click();
  await page.waitForURL((address) => /^\/console\/?$/.test(address.pathname));
});
