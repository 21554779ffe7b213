/**
 * Measures erasures in a loaded data folder: some of one person each, over HTTP while look-ups load
 * the server, then one of many people at the command line beside the server.
 */
import { writeFileSync } from 'node:fs';
import { makeNumbered } from '../identities/contact-files.ts';
import { usherCommand } from '../lookup/folders.ts';
import { getRequest, runLoad } from '../lookup/load.ts';
import { usherServer } from '../lookup/peers/usher.ts';
import { noteFigures } from '../lookup/progress.ts';
import { quietMachine } from '../lookup/quiet-machine.ts';
import { runProgram } from '../lookup/run-program.ts';
import { usher } from '../lookup/usher-data.ts';
import { identitiesPerRequest } from './measure-loads.ts';
import { runMeasured } from './run-measured.ts';

export interface Erasures {
  /** From the request to the receipt, for each person. */
  readonly oneMs: readonly number[];
  /** The look-ups that were answered meanwhile. */
  readonly lookups: number;
  readonly manyMs: number;
  readonly many: number;
}

const single = 11;
const loadSeconds = 30;

export async function measureErasures(
  folder: string,
  { contacts, patienceSeconds }: { readonly contacts: number; readonly patienceSeconds: number },
): Promise<Erasures> {
  const [reader, officer] = [
    await createToken(folder, ['contacts:read']),
    await createToken(folder, ['privacy:write', 'admin:read']),
  ];
  await runProgram(usher(folder, ['organization', 'set', 'default', '--rate-limit', '100000']));
  const data = { command: usherCommand, folder, token: reader };
  const server = usherServer(data, { workers: 1, name: 'privacy' });
  try {
    const started = await server.start();
    await quietMachine(started.pids, performance.now() + patienceSeconds * 1_000);
    console.error('erasing people one by one, while look-ups load the server');
    const path = { before: '/audience/v2/contacts?identity=email:', after: '' };
    const request = getRequest(path, { Authorization: `Bearer ${reader}` });
    const load = { port: started.port, request, contacts, connections: 64, seed: 1 };
    const loading = runLoad({ ...load, seconds: loadSeconds });
    const begunMs = performance.now();
    const oneMs: number[] = [];
    for (let person = 0; person < single; person += 1) {
      const took = await eraseOne(started.port, officer, makeNumbered(person, contacts, 'base'));
      noteFigures(person + 1, 'one erasure', { took });
      oneMs.push(took);
    }
    const spentMs = performance.now() - begunMs;
    const { requests } = await loading;
    const share = Math.min(1, spentMs / (loadSeconds * 1_000));
    const lookups = Math.round(requests * share);
    return { oneMs, lookups, ...(await eraseMany(folder, contacts)) };
  } finally {
    await server.stop();
  }
}

async function createToken(folder: string, scopes: readonly string[]): Promise<string> {
  const flags = scopes.flatMap((scope) => ['--scope', scope]);
  const create = ['token', 'create', '--email', 'bench@example.com', ...flags];
  return (await runProgram(usher(folder, create))).trim();
}

/** @returns the milliseconds until the answer with the receipt */
async function eraseOne(
  port: number,
  token: string,
  { email }: { readonly email: string },
): Promise<number> {
  const url = `http://127.0.0.1:${port}/admin/v1/privacy/requests`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ kind: 'erase', identity: `email:${email}` });
  const begunMs = performance.now();
  let answer = await readAnswer(await fetch(url, { method: 'POST', headers, body }));
  while (answer.state === 'received' || answer.state === 'running') {
    answer = await readAnswer(await fetch(`${url}/${answer.id}`, { headers }));
  }
  const tookMs = performance.now() - begunMs;
  if (answer.state !== 'done') throw new Error(`The erasure ended as ${JSON.stringify(answer)}`);
  return tookMs;
}

interface ErasureAnswer {
  readonly id: string;
  readonly state: string;
}

async function readAnswer(response: Response): Promise<ErasureAnswer> {
  const text = await response.text();
  if (!response.ok) throw new Error(`The erasure failed: ${text.slice(0, 500)}`);
  const said = JSON.parse(text) as ErasureAnswer | { readonly request: ErasureAnswer };
  return 'request' in said ? said.request : said;
}

async function eraseMany(
  folder: string,
  contacts: number,
): Promise<Pick<Erasures, 'manyMs' | 'many'>> {
  const many = Math.min(identitiesPerRequest, Math.floor(contacts / 2));
  console.error(`erasing ${many} people in one request`);
  // Spread over all contacts, and none of those that are erased already.
  const step = Math.floor(contacts / (many + 1));
  const lines = Array.from({ length: many }, (_, line) => {
    return makeNumbered(contacts - 1 - line * step, contacts, 'base').number;
  });
  const list = `${folder}.ids`;
  writeFileSync(list, `customer_no\n${lines.join('\n')}\n`);
  const erase = ['privacy', 'erase', '--file', list, '--yes', '--json'];
  const { wallMs, cpuMs } = await runMeasured(folder, erase);
  noteFigures(1, `${many} erasures`, { wallMs, cpuMs });
  return { manyMs: wallMs, many };
}
