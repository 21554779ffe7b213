/**
 * How long other callers wait while connections pipeline thousands of requests. Needs a machine
 * that is otherwise idle.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floods, measureWaits, startFlood } from '../launch/flood.ts';
import { makeDataFolder, mustRunUsher, startUsher } from '../launch/run-usher.ts';

const boundMs = 100;
const measuredMs = 10_000;

for (const [name, flood] of floods) {
  test(`99 of 100 callers wait less than ${boundMs} ms during ${name}`, async (t) => {
    const data = makeDataFolder(t);
    const token = await mustRunUsher(data, ['token', 'create', '--email', 'test@example.com']);
    await mustRunUsher(data, ['organization', 'set', 'default', '--rate-limit', '100000']);
    const server = await startUsher(data, { USHER_WORKERS: '2' });
    t.after(() => server.stop());
    const { port } = server;
    const path = '/audience/v2/contacts?identity=email:a@example.com';
    const authorization = `Bearer ${token}`;
    const body = '{"identity":"email:a@example.com"}';
    const type = { 'content-type': 'application/json' };
    const callers = [
      { port, path: '/livez' },
      { port, path, headers: { authorization } },
      {
        port,
        path: '/audience/v2/contacts/lookup',
        method: 'POST',
        body,
        headers: { authorization, ...type },
      },
    ];
    const { stop } = await startFlood({ port, ...flood });
    t.after(stop);
    for (const caller of callers) {
      const { count, p50Ms, p99Ms, maxMs } = await measureWaits(caller, measuredMs);
      const figures = [p50Ms, p99Ms, maxMs].map((figure) => figure.toFixed(1)).join(', ');
      t.diagnostic(`${caller.path}: ${count} calls; p50, p99, most: ${figures} ms`);
      assert.ok(p99Ms < boundMs, `${caller.path}: ${p99Ms} ms`);
    }
  });
}
