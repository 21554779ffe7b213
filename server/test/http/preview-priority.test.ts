/** The priority of the process that counts a preview. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { childPids, statOf } from './child-processes.ts';
import { startApi, waitFor } from './start-api.ts';

test('all threads of the process of a preview have a low priority from its first moment', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['contacts:read', 'admin:read', 'admin:write'] });
  const hangUp = new AbortController();
  const asked = fetch(`${api.url}/admin/v1/segments/preview`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ rule: 'true', exact: true }),
    signal: hangUp.signal,
  });
  const settled = Promise.allSettled([asked]);
  let pid = 0;
  await waitFor(() => {
    pid = childPids('preview')[0] ?? 0;
    return pid > 0;
  }, 20_000);
  // Its start takes half a second, and makes more and more threads.
  await waitFor(() => {
    const priorities = prioritiesOf(pid);
    assert.deepEqual(
      priorities,
      priorities.map(() => 10),
    );
    return priorities.length >= 5;
  }, 20_000);
  hangUp.abort();
  await settled;
});

function prioritiesOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) => {
    const [priority] = statOf(`/proc/${pid}/task/${task}/stat`).slice(16);
    return priority === undefined ? [] : [Number(priority)];
  });
}
