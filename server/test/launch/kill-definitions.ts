/** Kills servers and commands while they change definitions, and checks what is left. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { callApi } from '../http/call-api.ts';
import type { RandomSource } from '../membership/naive/random-source.ts';
import { runKilled } from './kill-at-writes.ts';
import { mustRunCommand } from './run-command.ts';
import { makeDataFolder, startUsher, type UsherServer } from './run-usher.ts';

const people = 50;
const visits = Array.from({ length: people }, (_, place) => place);
const identities = visits.map((place) => `email:${place}@hello.com`);

const catalog = `version: 1
built_in_content: { segment_membership: true, flow_variant_membership: true }
datasets:
  crm:
    source: { kind: file, paths: [crm.csv] }
    identifiers: { email: Mail }
    fields: { visits: { type: integer } }
computed_fields:
  shown: { rule: "visits + 0" }
segments:
  Buyers: { id: 1, rule: "visits >= 0" }
  Reached: { id: 2, rule: "in_flow(7)" }
flows:
  Spring:
    id: 7
    segment: Buyers
    status: live
    variants: [{ name: A, weight: 50 }, { name: B, weight: 50 }]
`;

export interface KilledFolder {
  readonly data: string;
  readonly token: string;
  /** The path of the catalog file. */
  readonly file: string;
}

/** A data folder with 50 contacts of 0 to 49 visits. */
export async function makeKilledFolder(t: TestContext): Promise<KilledFolder> {
  const data = makeDataFolder(t);
  const file = join(data, '..', 'usher.yaml');
  const rows = visits.map((place) => `${place}@hello.com,${place}\n`).join('');
  writeFileSync(join(data, '..', 'crm.csv'), `Mail,visits\n${rows}`);
  writeFileSync(file, catalog);
  await mustRunCommand(data, ['apply', '-f', file]);
  await mustRunCommand(data, ['sync', 'run', 'crm']);
  await mustRunCommand(data, ['organization', 'set', 'default', '--rate-limit', '100000']);
  const scopes = ['contacts:read', 'admin:read', 'admin:write', 'admin:approve'];
  const args = ['--email', 'test@example.com', ...scopes.flatMap((scope) => ['--scope', scope])];
  return { data, file, token: await mustRunCommand(data, ['token', 'create', ...args]) };
}

/** The number in all definitions: one edit changes them together, or one after the other. */
function numbersOf(exported: string) {
  const least = Number(/visits >= (\d+)/.exec(exported)?.[1]);
  const added = Number(/visits \+ (\d+)/.exec(exported)?.[1]);
  const weight = Number(/name: A\n\s+weight: (\d+)/.exec(exported)?.[1]);
  assert.ok([least, added, weight].every(Number.isInteger), exported);
  return { least, added, weight };
}

/**
 * Checks that all threads agree, then edits over HTTP until the server dies at a random moment.
 * @param from the number of the first edit
 * @returns the number of the next edit
 */
export async function killServerAtEdit(
  { data, token }: KilledFolder,
  random: RandomSource,
  from: number,
): Promise<number> {
  const server = await startUsher(data, { USHER_WORKERS: '2' });
  await checkThreads(server, token, edited(from - 1).least);
  const last = from + 12 + random.below(8);
  for (let number = from; number < last; number += 1) {
    const { status, body } = await edit(server, token, number);
    assert.equal(status, 200, body);
  }
  const exit = once(server.process, 'exit');
  const answered = edit(server, token, last).then(
    ({ status }) => status === 200,
    () => false,
  );
  for (let turns = random.below(40); turns > 0; turns -= 1) await nextTurn();
  server.process.kill('SIGKILL');
  const isAnswered = await answered;
  await exit;
  const left = await checkFolder(data);
  const found = [last - 1, last].findLast((number) => {
    const { least, weight } = edited(number);
    return left.least === least && left.weight === weight;
  });
  assert.ok(found !== undefined, `${JSON.stringify(left)} is after no edit before ${last}`);
  assert.ok(found === last || !isAnswered, 'an answered edit is kept');
  return found + 1;
}

/** Edits alternate between two definitions, and move few members. */
function edit(server: UsherServer, token: string, number: number) {
  const { least, weight } = edited(number);
  const call = { method: 'PATCH', token, headers: { 'content-type': 'application/json' } };
  if (number % 2 === 0) {
    const body = { rule: `visits >= ${least}` };
    return callApi(server, { ...call, path: '/admin/v1/segments/1', body });
  }
  const variants = [
    { name: 'A', weight },
    { name: 'B', weight: 100 - weight },
  ];
  return callApi(server, { ...call, path: '/admin/v1/flows/7', body: { variants } });
}

/** What the definitions are after this edit and all before it; -1: before any. */
function edited(number: number) {
  const [even, odd] = number % 2 === 0 ? [number, number - 1] : [number - 1, number];
  return { least: (even / 2) % 4, weight: odd < 0 ? 50 : 50 + (((odd + 1) / 2) % 5) };
}

/** Applies a file that changes all definitions, and dies at a call that writes. */
export async function killApply(
  { data, file }: KilledFolder,
  call: number,
  number: number,
): Promise<boolean> {
  const before = numbersOf(await mustRunCommand(data, ['export']));
  const after = { least: number % 4, added: number, weight: 50 + (number % 5) };
  const { least, added, weight } = after;
  const text = catalog
    .replace('visits >= 0', `visits >= ${least}`)
    .replace('visits + 0', `visits + ${added}`)
    .replace('A, weight: 50', `A, weight: ${weight}`)
    .replace('B, weight: 50', `B, weight: ${100 - weight}`);
  writeFileSync(file, text);
  const wasKilled = await runKilled(data, ['apply', '-f', file], { call });
  const left = await checkFolder(data);
  const isWhole = [before, after].some((one) => JSON.stringify(one) === JSON.stringify(left));
  assert.ok(isWhole, `${JSON.stringify({ before, after, left })} at call ${call}`);
  if (!wasKilled) assert.deepEqual(left, after);
  return wasKilled;
}

/** Nothing is damaged, and the histories end with the definitions. */
async function checkFolder(data: string) {
  const doctor = await mustRunCommand(data, ['doctor', '--json']);
  assert.doesNotMatch(doctor, /is damaged/);
  const exported = await mustRunCommand(data, ['export']);
  const numbers = numbersOf(exported);
  const historyOf = async (...args: string[]) => {
    const [latest] = JSON.parse(await mustRunCommand(data, [...args, '--json']));
    return JSON.stringify(latest.definition);
  };
  assert.match(await historyOf('segment', 'history', '1'), new RegExp(`>= ${numbers.least}"`));
  const weight = new RegExp(`"A","weight":${numbers.weight},`);
  assert.match(await historyOf('flow', 'history', '7'), weight);
  return numbers;
}

/** Each connection can reach another thread. */
async function checkThreads(server: UsherServer, token: string, least: number): Promise<void> {
  const asked = { identities, fields: ['segment_membership', 'flow_variant_membership'] };
  const call = { method: 'POST', path: '/audience/v2/contacts/batch', token };
  const body = { ...asked, format: 'raw' };
  const connections = Array.from({ length: 12 }, () => callApi(server, { ...call, body }));
  const answers = await Promise.all(connections);
  const [first] = answers;
  for (const answer of answers) assert.equal(answer.body, first?.body);
  const { results } = JSON.parse(first?.body ?? '') as {
    results: { contact: { segment_membership: number[]; flow_variant_membership: string[] } }[];
  };
  for (const [place, { contact }] of results.entries()) {
    const isIn = place >= least;
    assert.deepEqual(contact.segment_membership, isIn ? [1, 2] : [], `${place} visits`);
    assert.equal(contact.flow_variant_membership.length, Number(isIn), `${place} visits`);
  }
}
