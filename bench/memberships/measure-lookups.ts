/**
 * Measures look-ups with nothing, few, some and many definitions. Each round starts all servers
 * again, and they take turns of a second in alternating order, as in
 * `lookup/measure-comparison.ts`.
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
  memberships: [...membershipFields.flows, ...membershipFields.others],
  flows: membershipFields.flows,
} as const;

/**
 * Which sides are asked for what, in phases: what is compared is measured close together, and a
 * server that is asked for nothing has not been asked for memberships before. `before` is another
 * checkout, with nothing defined.
 */
const phases = [
  ['none, nothing', 'many, nothing', 'before, nothing'],
  ['none, memberships', 'few, memberships', 'some, memberships'],
  ['none, flows', 'many, flows'],
] as const;

export const turnNames = phases.flat();

export type TurnName = (typeof phases)[number][number];

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
    const started = new Map<string, StartedServer>();
    for (const [side, server] of servers) started.set(side, await server.start());
    const found = new Map<TurnName, Measurement>();
    for (const names of phases) {
      const turns = names.flatMap((name): Turn[] => {
        const [side = '', what = ''] = name.split(', ');
        const [server, running] = [servers.get(side), started.get(side)];
        if (server === undefined || running === undefined) return [];
        const request = contactRequest(
          data.get(side)?.token ?? '',
          asked[what as keyof typeof asked],
        );
        return [{ name, server: { ...server, name, request }, started: running, slices: [] }];
      });
      await measurePhase(round % 2 === 0 ? turns.toReversed() : turns, options, round);
      for (const turn of turns) found.set(turn.name, combined(turn, round));
    }
    return found;
  } finally {
    for (const server of servers.values()) await server.stop();
  }
}

async function measurePhase(
  turns: readonly Turn[],
  options: LookupsOptions,
  round: number,
): Promise<void> {
  for (const turn of turns) {
    if (round === 1) await checkAnswers(turn, options.contacts);
    await load(turn, { contacts: options.contacts, seconds: 3, seed: 7 });
  }
  await takeTurns(turns, options, round);
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
