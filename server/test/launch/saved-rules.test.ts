/** Changes of definitions reach every look-up thread of a running server within a second. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mustRunCommand, runCommand } from './run-command.ts';
import { makeDataFolder, startUsher, waitFor } from './run-usher.ts';

/** The kernel gives connections to threads at random: of 24, each of three threads has some. */
const workers = '3';
const connections = 24;

interface Contact {
  readonly segment_membership: readonly number[];
  readonly flow_variant_membership: readonly string[];
}

/** One contact, which a feed has reported in the variant X of the flow 7. */
async function startServer(t: TestContext) {
  const data = makeDataFolder(t);
  const folder = dirname(data);
  const [contacts, reports] = [join(folder, 'contacts.csv'), join(folder, 'reports.csv')];
  await writeFile(contacts, 'email,first_name\ntom@hello.com,Tom\n');
  const row = '7,Reported,X,tom@hello.com,2026-01-01T00:00:00Z,add';
  await writeFile(reports, `flow_id,flow_name,variant,email,timestamp,operation\n${row}\n`);
  const catalog = join(folder, 'usher.yaml');
  await writeFile(
    catalog,
    `version: 1
built_in_content: { segment_membership: true, flow_variant_membership: true }
datasets:
  reports:
    kind: membership
    feed: flow
    source: { kind: file, paths: ["${reports}"] }
    mode: append
    identifiers: { email: email }
    columns: { flow_id: flow_id, flow_name: flow_name, variant: variant, operation: operation }
segments:
  Everybody: { id: 1, rule: "true" }
  Some: { id: 2, rule: "false" }
`,
  );
  const run = (...args: readonly string[]) => mustRunCommand(data, args);
  await run('import', contacts, '--dataset', 'crm', '--identifier', 'email=email', '--yes', '-q');
  await run('field', 'set', 'first_name', '--condition', 'on');
  await run('apply', '-f', catalog, '--yes');
  await run('sync', 'run', 'reports', '-q');
  await run('organization', 'set', 'default', '--rate-limit', '100000');
  const token = await run('token', 'create', '--email', 'test@example.com');
  const server = await startUsher(data, { USHER_WORKERS: workers });
  t.after(() => server.stop());
  const agents = Array.from(
    { length: connections },
    () => new Agent({ keepAlive: true, maxSockets: 1 }),
  );
  t.after(() => {
    for (const agent of agents) agent.destroy();
  });
  const ask = () => Promise.all(agents.map((agent) => lookUp(server.port, token, agent)));
  /** Makes a change that must be approved, and approves it. */
  const approve = async (...args: readonly string[]) => {
    const { stderr } = await runCommand(data, args);
    const plan = /--plan (\S+)/.exec(stderr)?.[1];
    assert.ok(plan !== undefined, stderr);
    await run(...args, '--plan', plan);
  };
  return { run, approve, ask };
}

function lookUp(port: number, token: string, agent: Agent): Promise<Contact> {
  const fields = 'segment_membership,flow_variant_membership';
  const path = `/audience/v2/contacts?identity=email:tom@hello.com&fields=${fields}`;
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = get({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200)
          resolve((JSON.parse(text) as { contact: Contact }).contact);
        else reject(new Error(text));
      });
    });
    sent.on('error', reject);
  });
}

test('a saved rule, and what it does to reports, answers in all threads within a second', async (t) => {
  const { run, approve, ask } = await startServer(t);
  /** Every answer, once they all are the same: within a second after the change was made. */
  const everywhere = async (segments: readonly number[], flows: readonly string[]) => {
    const changedMs = performance.now();
    // On a busy machine a round of calls takes longer, and two rounds may be in progress.
    await ask();
    const boundMs = 1_000 + 2 * (performance.now() - changedMs);
    const wanted = JSON.stringify({ segment_membership: segments, flow_variant_membership: flows });
    await waitFor(async () => {
      const answers = await ask();
      return answers.every((answer) => JSON.stringify(answer) === wanted) || undefined;
    }, boundMs);
  };
  await everywhere([1], ['7-X']);
  await run('segment', 'edit', 'Some', '--rule', 'has(first_name)');
  await everywhere([1, 2], ['7-X']);
  await run('segment', 'edit', 'Some', '--rule', 'first_name != "Tom"');
  await everywhere([1], ['7-X']);
  const flow = ['--id', '7', '--segment', 'Everybody', '--kind', 'stream', '--status', 'live'];
  await run('flow', 'create', 'Mine', ...flow);
  await everywhere([1], ['7']);
  await run('flow', 'edit', 'Mine', '--status', 'paused');
  await everywhere([1], []);
  await run('flow', 'edit', 'Mine', '--kind', 'reported');
  // The contact gets another variant than when the flow was live last.
  await approve('flow', 'edit', 'Mine', '--status', 'live');
  await everywhere([1], ['7-X']);
});
