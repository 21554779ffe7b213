/** The priority of the process that counts a preview. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
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
    pid = childPid('preview') ?? 0;
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

/** The parts of a line of /proc/PID/stat from the state on (see proc(5)); none if it is gone. */
function statOf(path: string): readonly string[] {
  try {
    const line = readFileSync(path, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** The process that this one has started with this word in its command. */
function childPid(word: string): number | undefined {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number(statOf(`/proc/${pid}/stat`)[1]) === process.pid)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word));
}

function prioritiesOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) => {
    const [priority] = statOf(`/proc/${pid}/task/${task}/stat`).slice(16);
    return priority === undefined ? [] : [Number(priority)];
  });
}
