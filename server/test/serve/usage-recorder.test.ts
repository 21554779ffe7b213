/** Usage that threads counted is stored in a real catalog, hour by hour, and nothing twice. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openCatalog } from '../../src/catalog/open-catalog.ts';
import { createLog } from '../../src/observe/log.ts';
import { allocateUsage, UsageCounters, UsageRows } from '../../src/observe/usage-counters.ts';
import { UsageRecorder } from '../../src/serve/usage-recorder.ts';

const hourMs = 3_600_000;
const token = { rowId: 1, organizationId: 1 };

async function startRecorder(t: TestContext) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'usher-usage-'));
  const catalog = await openCatalog({ kind: 'sqlite', dataFolder }, 0);
  t.after(async () => {
    await catalog.close();
    rmSync(dataFolder, { recursive: true });
  });
  let nowMs = 100.5 * hourMs;
  const logged: string[] = [];
  const memory = allocateUsage({ rows: 1 });
  const counters = new UsageCounters(memory, 0);
  const recorder = new UsageRecorder({
    catalog,
    rows: new UsageRows(memory, { rows: 1 }),
    log: createLog({ level: 'debug', part: 'test', write: (line) => logged.push(line) }),
    clock: () => nowMs,
  });
  const look = () => counters.countLookup({ token, units: 1 }, 200, 1);
  const stored = async () => {
    const range = { fromHour: 0, toHour: 1_000 };
    const hours = await catalog.read((view) => view.listUsage(1, range));
    return hours.map(({ hour, sums, clients, fields }) => {
      return [
        hour,
        sums.units,
        clients.map(({ calls }) => calls),
        fields.map(({ reads }) => reads),
      ];
    });
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { catalog, recorder, look, stored, pass, logged };
}

const client = { tokenRowId: 1, organizationId: 1, address: '192.0.2.1', userAgent: '', calls: 2 };
const field = { tokenRowId: 1, organizationId: 1, fieldId: 5, reads: 3 };

test('each minute adds to its hour, with clients and fields, and nothing counts twice', async (t) => {
  const { recorder, look, stored, pass } = await startRecorder(t);
  look();
  recorder.note({ clients: [client], fields: [field] });
  await recorder.store();
  await recorder.store();
  assert.deepEqual(await stored(), [[100, 1, [2], [3]]]);
  look();
  look();
  recorder.note({ clients: [client], fields: [] });
  pass(0.5 * hourMs);
  await recorder.store();
  assert.deepEqual(await stored(), [[100, 3, [4], [3]]]);
  look();
  await recorder.close();
  assert.deepEqual(await stored(), [
    [100, 3, [4], [3]],
    [101, 1, [], []],
  ]);
});

test('a catalog that cannot be written is logged, and later minutes are stored', async (t) => {
  const { catalog, recorder, look, logged } = await startRecorder(t);
  await catalog.close();
  look();
  await recorder.store();
  assert.ok(logged.some((line) => line.includes('usage of tokens was not written')));
});
