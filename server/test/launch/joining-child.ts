/**
 * A child process that joins, parts and moves the contacts of `joining-people.ts` until it is
 * killed. It prints a line after the first round.
 *
 *     node joining-child.ts DATA_FOLDER
 */
import assert from 'node:assert/strict';
import { openWriter } from '../../src/stores/open-store.ts';
import type { RunLease } from '../../src/stores/run-lease.ts';
import type { ContactChange, ContactWriter, KnownIdentity } from '../../src/stores/store.ts';
import * as sample from '../stores/sample-changes.ts';
import {
  type DatasetName,
  datasetIds,
  fixedAddress,
  hostIn,
  identitiesIn,
  isGone,
  isWrittenLate,
  keyOrder,
  movingAddress,
  numberOf,
  organizationId,
  pairs,
  people,
  rules,
  sectionOf,
  userOf,
} from './joining-people.ts';

async function writeForEver(dataFolder: string): Promise<never> {
  const rounds = new Rounds(await openWriter(dataFolder));
  for (let round = 1; ; round += 1) {
    await rounds.write(round);
    if (round === 1) console.log('ready');
  }
}

class Rounds {
  readonly #writer: ContactWriter;
  /** Entries of the log. */
  #merges: string[] = [];

  constructor(writer: ContactWriter) {
    this.#writer = writer;
  }

  async write(round: number): Promise<void> {
    if (round % 5 === 1) {
      const news = people.map((address) => row([movingAddress(address)], address, round));
      await this.#run('news', round, { batches: [news] });
    }
    await this.#runCrm(round);
    await this.#push(
      'web',
      people.map((it) => ({ ...row(identitiesIn('web', round, it), it, round), kind: 'patch' })),
    );
    const shoppers = pairs.map((pair) => [userOf('shop', pair), pair * 2] as const);
    const rows = shoppers.map(([user, it]) => row([user, fixedAddress(it)], it, round));
    await this.#run('shop', round, { batches: [rows] });
    if (round % 3 === 0) await this.#makeTrip(round);
    await this.#mergeOrPart(round);
    await this.#splitGuest(round);
  }

  async #runCrm(round: number): Promise<void> {
    const there = people.filter((person) => !isGone(round, person));
    const rowsOf = (isLate: boolean) =>
      there
        .filter((person) => isWrittenLate(person) === isLate)
        .map((person) => row(identitiesIn('crm', round, person), person, round));
    await this.#run('crm', round, {
      gone: people.filter((person) => isGone(round, person)).map(numberOf),
      batches: [rowsOf(false), rowsOf(true)],
    });
  }

  /** Joins a user to the first person of each pair, and takes the run back. */
  async #makeTrip(round: number): Promise<void> {
    const first = pairs.map((pair) => [userOf('trip', pair), pair * 2] as const);
    const rows = first.map(([user, person]) => row([user, fixedAddress(person)], person, round));
    const { sourceVersion } = await this.#run('trip', round, { batches: [rows] });
    const writer = this.#writer;
    const place = { organizationId, datasetId: datasetIds.trip };
    const request = { ...place, runId: `rollback-${round}`, canRollBack: false };
    const lease = await writer.beginRun(request);
    let isDone = false;
    while (!isDone) ({ isDone } = await writer.rollBackBatch(lease, { sourceVersion }, 3));
    await writer.finishRun(lease, { baselineId: request.runId, asOfMs: round });
  }

  /** People merge each club's user with the first person of the pair, or take that back. */
  async #mergeOrPart(round: number): Promise<void> {
    const first = pairs.map((pair) => [userOf('club', pair), pair * 2] as const);
    const rows = first.map(([user, person]) => row([user], person, round));
    await this.#push(
      'club',
      rows.map((change) => ({ ...change, kind: 'patch' })),
    );
    const writer = this.#writer;
    const merges: string[] = [];
    if (this.#merges.length === 0) {
      for (const [user, person] of first) {
        const pair = [user, numberOf(person)] as const;
        const answer = await writer.mergeContacts(organizationId, ...pair, { by: null, rules });
        assert.ok('entry' in answer, JSON.stringify(answer));
        merges.push(answer.entry);
      }
    }
    for (const entry of this.#merges) {
      const answer = await writer.unmergeContacts(organizationId, entry, { by: null, rules });
      assert.ok('entry' in answer, JSON.stringify(answer));
    }
    this.#merges = merges;
  }

  /** A row says that a new user is the first person of a pair, and somebody splits the two. */
  async #splitGuest(round: number): Promise<void> {
    const [guest, host] = [userOf('guest', round), hostIn(round)];
    await this.#run('guest', round, {
      gone: [userOf('guest', round - 1)],
      batches: [[row([guest], host, round)]],
    });
    const same = { kind: 'identity', identities: [numberOf(host), guest] } as const;
    await this.#run('same', round, {
      gone: [numberOf(hostIn(round - 1))],
      batches: [[{ ...same, section: new Uint8Array() }]],
    });
    const split = this.#writer.splitContact(organizationId, guest, { by: null, rules });
    assert.ok('entry' in (await split), JSON.stringify(await split));
  }

  async #run(
    dataset: DatasetName,
    round: number,
    sent: {
      readonly gone?: readonly KnownIdentity[];
      readonly batches: readonly (readonly ContactChange[])[];
    },
  ): Promise<RunLease> {
    const writer = this.#writer;
    const runId = `${dataset}-${round}`;
    const place = { organizationId, datasetId: datasetIds[dataset] };
    const isSnapshot = sent.gone !== undefined;
    const lease = await writer.beginRun({ ...place, runId, rules, isSnapshot });
    if (isSnapshot)
      await writer.applyBatch(
        lease,
        sent.gone.map((key) => sample.clear([key])),
      );
    for (const batch of sent.batches) {
      const { rejected } = await writer.applyBatch(lease, batch);
      assert.deepEqual(rejected, []);
    }
    await writer.finishRun(lease, { baselineId: runId, asOfMs: round });
    return lease;
  }

  async #push(dataset: DatasetName, rows: readonly ContactChange[]): Promise<void> {
    const options = { atMs: 0, keyOrder, rules };
    const pushed = this.#writer.push(organizationId, datasetIds[dataset], rows, options);
    assert.deepEqual((await pushed).rejected, []);
  }
}

function row(identities: readonly KnownIdentity[], person: number, round: number): ContactChange {
  return { kind: 'replace', identities, section: sectionOf(person, round) };
}

if (import.meta.main) await writeForEver(process.argv[2] ?? '');
