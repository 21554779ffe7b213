/**
 * Measures look-ups with nothing, some and many definitions. Each round starts all servers again,
 * and they take turns of a second in alternating order, as in `lookup/measure-comparison.ts`.
 */
import assert from 'node:assert/strict';
import { contactRequest, expectedAnswer } from '../lookup/contact-call.ts';
import { makeContact } from '../lookup/contacts-data.ts';
import { type LoadReport, type RequestText, runLoad } from '../lookup/load.ts';
import {
  checkReport,
  combineSlices,
  type Measurement,
  measureSlice,
  type Slice,
} from '../lookup/measure.ts';
import type { MeasuredServer, StartedServer } from '../lookup/measured-server.ts';
import { usherServer } from '../lookup/peers/usher.ts';
import { noteMeasured } from '../lookup/progress.ts';
import { quietMachine } from '../lookup/quiet-machine.ts';
import type { UsherData } from '../lookup/usher-data.ts';
import { membershipFields } from './definitions.ts';
import type { Side, SideName } from './side.ts';

/** What requests ask for besides 24 fields. */
const asked = {
  nothing: [],
  flows: membershipFields.flows,
  memberships: [...membershipFields.flows, ...membershipFields.others],
} as const;

/** Which sides are asked for what. `before` is another checkout, with nothing defined. */
export const turnNames = [
  'none, nothing',
  'none, flows',
  'none, memberships',
  'some, memberships',
  'many, nothing',
  'many, flows',
  'before, nothing',
] as const;

export type TurnName = (typeof turnNames)[number];

export type LookupRound = ReadonlyMap<TurnName, Measurement>;

export interface LookupsOptions {
  readonly contacts: number;
  readonly rounds: number;
  /** How many turns of a second each request has in a round. */
  readonly seconds: number;
  readonly patienceSeconds: number;
}

interface Turn {
  readonly name: TurnName;
  readonly server: MeasuredServer;
  readonly started: StartedServer;
  readonly slices: Slice[];
}

/** @param before the data of another checkout, and its name */
export async function measureLookups(
  sides: Record<SideName, Side>,
  before: { readonly data: UsherData; readonly name: string } | undefined,
  options: LookupsOptions,
): Promise<readonly LookupRound[]> {
  const data = new Map<string, UsherData>(Object.entries(sides));
  if (before !== undefined) data.set('before', before.data);
  const rounds: LookupRound[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    console.error(`round ${round} of ${options.rounds}: look-ups`);
    rounds.push(await measureRound(data, options, round));
  }
  return rounds;
}

async function measureRound(
  data: ReadonlyMap<string, UsherData>,
  options: LookupsOptions,
  round: number,
): Promise<LookupRound> {
  const servers = new Map(
    [...data].map(([side, of]) => [side, usherServer(of, { workers: 1, name: side })]),
  );
  try {
    const turns: Turn[] = [];
    for (const [side, server] of round % 2 === 0 ? [...servers].toReversed() : servers) {
      const token = data.get(side)?.token ?? '';
      turns.push(...(await startTurns(side, token, { server, options, isFirst: round === 1 })));
    }
    await takeTurns(turns, options, round);
    return new Map(turns.map((turn) => [turn.name, combined(turn, round)]));
  } finally {
    for (const server of servers.values()) await server.stop();
  }
}

async function startTurns(
  side: string,
  token: string,
  {
    server,
    options,
    isFirst,
  }: { server: MeasuredServer; options: LookupsOptions; isFirst: boolean },
): Promise<Turn[]> {
  const { contacts } = options;
  const started = await server.start();
  const turns: Turn[] = [];
  for (const [what, extra] of Object.entries(asked)) {
    const name = turnNames.find((known) => known === `${side}, ${what}`);
    if (name === undefined) continue;
    const request = contactRequest(token, extra);
    const turn = { name, server: { ...server, name, request }, started, slices: [] };
    if (isFirst) await checkAnswers(turn, contacts);
    await load(turn, { contacts, seconds: 2, seed: 7 });
    turns.push(turn);
  }
  return turns;
}

interface ShortLoad {
  readonly contacts: number;
  readonly seconds: number;
  readonly seed: number;
}

async function load({ server, started }: Turn, options: ShortLoad): Promise<LoadReport> {
  const { port } = started;
  const report = await runLoad({ ...options, connections: 64, port, request: server.request });
  checkReport(server, report);
  return report;
}

async function takeTurns(
  turns: readonly Turn[],
  { contacts, seconds, patienceSeconds }: LookupsOptions,
  round: number,
): Promise<void> {
  const pids = [...new Set(turns.flatMap(({ started }) => started.pids))];
  await quietMachine(pids, performance.now() + patienceSeconds * 1_000);
  for (let turn = 0; turn < seconds; turn += 1) {
    const slice = { contacts, connections: 64, seconds: 1, seed: round * seconds + turn };
    for (const { server, started, slices } of turn % 2 === 0 ? turns : turns.toReversed()) {
      slices.push(await measureSlice(server, started, slice));
    }
  }
}

function combined({ name, slices }: Turn, round: number): Measurement {
  const found = combineSlices(slices);
  noteMeasured(round, name, found);
  return found;
}

/** @throws if an answer has other values than the data, or memberships where none are defined */
async function checkAnswers({ name, server, started }: Turn, contacts: number): Promise<void> {
  const isDefined = !name.startsWith('none') && !name.endsWith('nothing');
  let members = 0;
  for (let number = 0; number < checkedContacts; number += 1) {
    const made = makeContact(Math.floor((number * contacts) / checkedContacts));
    const contact = await ask(server.request, started.port, made.email);
    const { contact: wanted } = JSON.parse(expectedAnswer(made)) as { contact: object };
    const lists = Object.entries(contact).filter(([field]) => !Object.hasOwn(wanted, field));
    const values = Object.entries(contact).filter(([field]) => Object.hasOwn(wanted, field));
    assert.deepEqual(Object.fromEntries(values), wanted, name);
    members += lists.filter(([, list]) => Array.isArray(list) && list.length > 0).length;
  }
  assert.equal(members > 0, isDefined, `${name}: ${members} lists with memberships`);
}

const checkedContacts = 20;

/** Sends the request that the load sends. */
async function ask(request: RequestText, port: number, email: string): Promise<object> {
  const [head = ''] = `${request.before}${email}${request.after}`.split('\r\n');
  const authorization = /Authorization: (.*)\r\n/.exec(request.after)?.[1] ?? '';
  const url = `http://127.0.0.1:${port}${head.split(' ')[1]}`;
  const response = await fetch(url, { headers: { authorization } });
  const text = await response.text();
  assert.equal(response.status, 200, text.slice(0, 300));
  return (JSON.parse(text) as { contact: object }).contact;
}
