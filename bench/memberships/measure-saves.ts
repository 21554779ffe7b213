/**
 * Measures how long after the answer to a change of a rule the new rule answers on all connections
 * of a server with two look-up threads and many definitions.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { makeContact } from '../lookup/contacts-data.ts';
import { usherServer } from '../lookup/peers/usher.ts';
import { noteFigures } from '../lookup/progress.ts';
import type { Side } from './side.ts';

export interface SaveTime {
  /** Until the change is answered. */
  readonly savedMs: number;
  /** From then on, until all threads answer with it. */
  readonly answersMs: number;
}

/** The kernel gives a connection to a thread at random: one of 16 is at each thread. */
const connections = 16;
const saves = 21;
const workers = 2;
const mostMs = 30_000;

/** No flow uses it, so that its rule can be changed without approval. */
const segmentId = 2;

export async function measureSaves(side: Side): Promise<readonly SaveTime[]> {
  console.error(`saving a rule ${saves} times`);
  const server = usherServer(side, { workers, name: 'many-saves' });
  const agents = Array.from(
    { length: connections },
    () => new Agent({ keepAlive: true, maxSockets: 1 }),
  );
  try {
    const { port } = await server.start();
    const { email } = makeContact(0);
    const path = `/audience/v2/contacts?identity=email:${email}&fields=segment_membership`;
    const isMember = async (agent: Agent) => {
      const text = await call(port, { path, token: side.token, agent });
      const { contact } = JSON.parse(text) as { contact: { segment_membership: string[] } };
      return contact.segment_membership.map(String).includes(String(segmentId));
    };
    const times: SaveTime[] = [];
    for (let save = 0; save < saves; save += 1) {
      times.push(await measureSave(side, { port, agents, isMember }, save % 2 === 0));
    }
    noteFigures(1, 'saved rules', { times });
    return times;
  } finally {
    for (const agent of agents) agent.destroy();
    await server.stop();
  }
}

interface Asking {
  readonly port: number;
  readonly agents: readonly Agent[];
  readonly isMember: (agent: Agent) => Promise<boolean>;
}

async function measureSave(
  { adminToken }: Side,
  { port, agents, isMember }: Asking,
  rule: boolean,
): Promise<SaveTime> {
  const begunMs = performance.now();
  const body = JSON.stringify({ rule: String(rule) });
  await call(port, { path: `/admin/v1/segments/${segmentId}`, token: adminToken, body });
  const savedMs = performance.now();
  const waitFor = async (agent: Agent) => {
    while ((await isMember(agent)) !== rule) {
      assert.ok(performance.now() - savedMs < mostMs, 'A thread does not answer with the rule.');
    }
  };
  await Promise.all(agents.map(waitFor));
  return { savedMs: savedMs - begunMs, answersMs: performance.now() - savedMs };
}

interface Call {
  readonly path: string;
  readonly token: string;
  readonly agent?: Agent;
  /** JSON. With a body, the method is PATCH. */
  readonly body?: string;
}

function call(port: number, { path, token, agent, body }: Call): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const method = body === undefined ? 'GET' : 'PATCH';
  const options = { host: '127.0.0.1', port, path, method, headers, ...(agent && { agent }) };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${path}: ${response.statusCode} ${text}`));
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
