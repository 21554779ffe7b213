/**
 * Drives a real store and the model of the identity rules with the same random histories, and
 * compares every answer after every write. USHER_TEST_SEED repeats a failure.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { AmendedModel, type Amending, amendableFields, randomAmending } from './amended-model.ts';
import { addedUp, campaignsOf, feed } from './feed-rows.ts';
import { IdentityModel } from './identity-model.ts';
import { datasetRules, type Identity, type IdentitySettings } from './identity-state.ts';
import { type IncomingRow, usableIdentities } from './model-state.ts';
import {
  type Action,
  actionOf,
  everyIdentity,
  maxSteps,
  randomSettings,
  randomSteps,
  type Step,
} from './random-history.ts';
import { StorePlace } from './store-place.ts';
import { StoreTrial } from './store-trial.ts';

/** What happens beside the steps of a history. */
const randomChances = fc.record({
  /** Whether each batch of a run is sent twice. */
  repeats: fc.boolean(),
  /** For each step: whether the store is closed and opened again before it. */
  reopens: forEachStep(chance(30)),
  /** For each step: whether a run is rolled back, after which all is as before it. */
  takesBack: forEachStep(chance(4)),
  /** The step before which a list marks contacts, and the identities that it names. */
  marksAt: fc.nat(23),
  marked: fc.subarray([...everyIdentity], { minLength: 1 }),
  /** What is amended before each step. */
  amends: forEachStep(fc.array(randomAmending, { maxLength: 2 })),
});

type Chances = typeof randomChances extends fc.Arbitrary<infer Value> ? Value : never;

function forEachStep<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> {
  return fc.array(value, { minLength: maxSteps, maxLength: maxSteps });
}

function chance(count: number): fc.Arbitrary<boolean> {
  return fc.nat(count - 1).map((number) => number === count - 1);
}

export async function tryStoreHistories(
  context: TestContext,
  count: number,
  usualSeed?: number,
): Promise<void> {
  const usual = usualSeed ?? Date.now() % 1_000_000;
  const seed = Number(process.env['USHER_TEST_SEED'] ?? usual);
  context.diagnostic(`USHER_TEST_SEED=${seed}`);
  const place = new StorePlace();
  context.after(() => place.remove());
  let previous: PlayedHistory | undefined;
  const tryHistory = async (given: IdentitySettings, steps: readonly Step[], chances: Chances) => {
    const organizationId = await place.nextOrganization();
    if (organizationId === 1) previous = undefined;
    const played = await playHistory(place, organizationId, { given, steps, chances });
    await previous?.compare();
    previous = played;
  };
  const property = fc.asyncProperty(randomSettings, randomSteps, randomChances, tryHistory);
  const { failed, errorInstance, numShrinks } = await fc.check(property, { numRuns: count, seed });
  const from = `Shortened ${numShrinks} times from the history of USHER_TEST_SEED=${seed}`;
  assert.ok(!failed, `${errorInstance}\n${from}`);
}

/** Writes a history that once was answered otherwise, and compares as with the random ones. */
export async function tryKeptHistory(
  context: TestContext,
  settings: IdentitySettings,
  actions: readonly Action[],
): Promise<void> {
  const place = new StorePlace();
  context.after(() => place.remove());
  const organizationId = await place.nextOrganization();
  const trial = new StoreTrial(place, { settings, organizationId, repeats: false });
  const played = new PlayedHistory(place, settings, trial);
  const digests: string[] = [];
  for (const [at, action] of actions.entries()) {
    digests.push(await place.reader.digest('content'));
    await played.perform(action);
    const last = actions[at - 1];
    if (action.kind !== 'rollback' || last?.kind !== 'run') continue;
    if (last.dataset !== action.dataset) continue;
    assert.equal(await place.reader.digest('content'), digests.at(-2), 'as before the run');
  }
  assert.deepEqual(await place.reader.verify(), sound);
}

async function playHistory(
  place: StorePlace,
  organizationId: number,
  {
    given,
    steps,
    chances,
  }: {
    readonly given: IdentitySettings;
    readonly steps: readonly Step[];
    readonly chances: Chances;
  },
): Promise<PlayedHistory> {
  // A store has one limit of identities, which these histories do not reach.
  const settings = { ...given, maxIdentities: 100, datasets: [...given.datasets, feed] };
  const trial = new StoreTrial(place, { settings, organizationId, ...chances });
  const played = new PlayedHistory(place, settings, trial);
  try {
    for (const [at, step] of steps.entries()) {
      if (chances.reopens[at]) await place.reopen();
      if (chances.marksAt === at) await played.mark(chances.marked);
      for (const amending of chances.amends[at] ?? []) await played.amend(amending);
      await played.play(step, chances.takesBack[at] ?? false);
    }
    assert.deepEqual(await place.reader.verify(), sound);
    return played;
  } catch (error) {
    await place.remove();
    const written = [settings, chances, ...played.history]
      .map((it) => JSON.stringify(it))
      .join('\n');
    throw new Error(`${error}\nSettings and history:\n${written}`, { cause: error });
  }
}

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

class PlayedHistory {
  readonly history: (Action | ({ readonly kind: 'amend' } & Amending))[] = [];
  readonly #place: StorePlace;
  readonly #model: IdentityModel;
  readonly #trial: StoreTrial;
  readonly #amended: AmendedModel;
  /** What a list names. */
  #marked: ReadonlySet<Identity> = new Set();
  /** A store takes rows back one by one: ids pass on from row to row. */
  #hasRolledBack = false;
  /** The store's contact ids of those of the model that have answered. */
  readonly #contactIds = new Map<number, string>();
  /** The store's entries of the model's merges. */
  readonly #entries = new Map<number, number>();

  constructor(place: StorePlace, settings: IdentitySettings, trial: StoreTrial) {
    this.#place = place;
    this.#model = new IdentityModel(settings);
    this.#trial = trial;
    this.#amended = new AmendedModel(this.#model);
  }

  async play(step: Step, takesBack: boolean): Promise<void> {
    const action = actionOf(this.#model, step);
    if (action === undefined || !this.#canPlay(action)) return;
    // A rollback takes back all attempts, and other writes may have come since the first.
    const isTakenBack =
      takesBack &&
      action.kind === 'run' &&
      !action.isLeft &&
      this.#marked.size === 0 &&
      !this.#model.state.openVersions.has(action.dataset);
    const before = isTakenBack ? await this.#place.reader.digest('content') : undefined;
    await this.perform(action);
    if (!isTakenBack) return;
    await this.perform({ kind: 'rollback', dataset: action.dataset });
    const after = await this.#place.reader.digest('content');
    assert.equal(after, before, 'a rollback leaves the store as it was before the run');
  }

  /** Writes to both, and compares all answers. */
  async perform(action: Action): Promise<void> {
    this.history.push(action);
    const rows = [...this.#model.state.rows.values()].map((row) => ({ ...row }));
    await this.#write(action);
    if (action.kind === 'push') this.#amended.renameKey(action.dataset, rows);
    await this.compare();
  }

  /** Marks each contact that an identity leads to. */
  async mark(identities: readonly Identity[]): Promise<void> {
    const isNobody = (it: Identity) => this.#modelAnswer(it) === undefined;
    assert.deepEqual(await this.#trial.mark(identities), identities.filter(isNobody));
    this.#marked = new Set(identities);
    for (const identity of everyIdentity) {
      const isMarked = !isNobody(identity) && this.#hasMark(identity);
      assert.equal(await this.#trial.isMarked(identity), isMarked, `mark of ${identity}`);
    }
  }

  /** Amends one field of a contact, or forgets it for all contacts. */
  async amend(amending: Amending): Promise<void> {
    // A contact that only a list marks is not in the model.
    if (this.#marked.size > 0) return;
    const { identity, fieldId, dataset, value, atMs, isForgotten } = amending;
    const isThere = this.#modelAnswer(identity) !== undefined;
    // Without a contact, a lift finds what waits for a row by names that the model does not keep.
    if (!isForgotten && value === null && !isThere) return;
    this.history.push({ kind: 'amend', ...amending });
    if (isForgotten) {
      await this.#trial.keepAmendments(amendableFields.filter((id) => id !== fieldId));
      this.#amended.forget(fieldId);
    } else {
      const set = value === null ? [] : [{ fieldId, dataset, value }];
      const change = { set, lift: value === null ? [fieldId] : [], atMs };
      const expected = isThere ? this.#amended.amend(amending) : 'contact_not_found';
      assert.deepEqual(await this.#trial.amend(identity, change), expected, `amend ${identity}`);
    }
    await this.compare();
  }

  get #areIdsKnown(): boolean {
    return !this.#hasRolledBack && this.#marked.size === 0;
  }

  #hasMark(identity: Identity): boolean {
    const { identities } = this.#model.state.decision.groupOf.get(identity) ?? {};
    return identities !== undefined && !this.#marked.isDisjointFrom(identities);
  }

  async compare(): Promise<void> {
    for (const identity of everyIdentity) {
      // A mark goes if its identity leads nowhere in the midst of a run.
      if (await this.#trial.isMarked(identity)) assert.ok(this.#hasMark(identity), 'mark');
      const expected = this.#modelAnswer(identity);
      assert.equal(await this.#trial.answer(identity), expected, identity);
      if (expected !== undefined) {
        const amended = await this.#trial.amendments(identity);
        assert.deepEqual(amended, this.#amended.at(identity), `amendments of ${identity}`);
      }
      if (expected !== undefined && this.#areIdsKnown) await this.#compareId(identity);
    }
    if (!this.#areIdsKnown) return;
    for (const [id, contactId] of this.#contactIds) {
      const founder = this.#model.founderOf(id);
      const leads = founder !== undefined && this.#modelAnswer(founder) !== undefined;
      const found = await this.#trial.contactIdOf({ id: contactId });
      const expected = leads ? await this.#trial.contactIdOf(founder) : undefined;
      assert.equal(found, expected, `contact id ${id} of ${founder}`);
    }
  }

  /** The oldest id answers, and an id never becomes another one. */
  async #compareId(identity: Identity): Promise<void> {
    const keys = new Set(this.#model.rowsAt(identity).map(({ key }) => key));
    const ids = [...this.#model.state.founders].filter(([, founder]) => keys.has(founder));
    const id = Math.min(...ids.map(([one]) => one));
    const contactId = (await this.#trial.contactIdOf(identity)) ?? '';
    assert.equal(contactId, this.#contactIds.get(id) ?? contactId, `contact id of ${identity}`);
    this.#contactIds.set(id, contactId);
    assert.equal(new Set(this.#contactIds.values()).size, this.#contactIds.size);
  }

  /** What a store does not do yet. */
  #canPlay(action: Action): boolean {
    if (action.kind === 'part') {
      // A store also parts what an unfinished run joined, or what is joined again by a rollback.
      if (this.#model.state.openVersions.size > 0 || this.#hasRolledBack) return false;
      return datasetRules(this.#model.state.settings, action.by ?? feed.name).mode !== 'push';
    }
    return !['backup', 'restore'].includes(action.kind);
  }

  async #write(action: Action): Promise<void> {
    const model = this.#model;
    switch (action.kind) {
      case 'run': {
        const { dataset, kills } = action;
        const rows = dataset === feed.name ? addedUp(model.state, action.rows) : action.rows;
        const batches = (changes: readonly IncomingRow[]) => [...changes.keys()].map((at) => [at]);
        const options = action.isLeft ? { killAfter: kills[0] ?? 0 } : {};
        const each = batches(this.#withoutRepeats(dataset, rows));
        const own = [...model.state.rows.values()].filter((row) => row.dataset === dataset);
        const known = own.map(({ key }) => key);
        await this.#trial.run(dataset, rows, { ...options, batches: each, known });
        model.run(dataset, rows, { ...options, batches });
        break;
      }
      case 'push': {
        const isTaken = await this.#trial.push(action.dataset, action.row);
        assert.equal(isTaken, model.push(action.dataset, action.row) === undefined, 'push');
        break;
      }
      case 'merge': {
        const answer = await this.#trial.merge(action.one, action.other);
        const outcome = model.merge(action.one, action.other);
        if ('refused' in outcome) assert.deepEqual(answer, outcome, 'merge');
        else {
          assert.ok('entry' in answer, `merge: ${JSON.stringify(answer)}`);
          this.#entries.set(outcome.entry, answer.entry);
        }
        break;
      }
      case 'unmerge': {
        const refused = await this.#trial.unmerge(this.#entries.get(action.entry) ?? -1);
        assert.equal(refused, model.unmerge(action.entry), 'unmerge');
        break;
      }
      case 'split':
        await this.#trial.split(action.identity);
        model.split(action.identity);
        break;
      case 'erase': {
        const isContact = model.rowsAt(action.identity).length > 0;
        const { held, identities } = await this.#trial.erase(action.identity);
        assert.equal(held === 'contact', isContact, 'erase: a contact');
        // After a rollback an id may wait for another row of its contact than in the model.
        if (held === 'nothing' && this.#hasRolledBack && !model.isClaimed(action.identity)) break;
        const erased = model.erase(action.identity, held !== 'nothing');
        const isErased = erased !== 'contact_not_found';
        assert.equal(held !== 'nothing', isErased, 'erase');
        assert.equal(identities, isErased ? erased.size : 0, `erase: ${[...erased]}`);
        if (isErased) this.#amended.erase(erased);
        break;
      }
      case 'rollback': {
        const refused = model.rollBack(action.dataset);
        if (refused !== undefined) break;
        await this.#trial.rollBack(action.dataset);
        this.#hasRolledBack = true;
        break;
      }
      case 'part':
        await this.#trial.part(action.by ?? feed.name);
        model.partStorm(0, action.by ?? feed.name);
        break;
      case 'wait':
        this.#place.wait(action.days);
        model.wait(action.days);
        break;
    }
  }

  #withoutRepeats(dataset: string, rows: readonly IncomingRow[]): readonly IncomingRow[] {
    const keys = rows.map(
      ({ identities }) => usableIdentities(this.#model.state, dataset, identities)[0],
    );
    return [...new Set(keys.filter((key) => key !== undefined))].map(() => ({
      identities: [],
      section: '',
    }));
  }

  #modelAnswer(identity: string): string | undefined {
    const shown = this.#model.shownRows(identity).filter(({ dataset }) => dataset !== feed.name);
    const answers = shown.map(({ dataset, section }) => `${dataset} ${section}`);
    const reporting = this.#model.rowsAt(identity).filter(({ dataset }) => dataset === feed.name);
    const reported = reporting.flatMap(({ key, section }) => campaignsOf(key, section)).sort();
    if (reported.length > 0) answers.push(`${feed.name} ${reported.join(' ')}`);
    return answers.length === 0 ? undefined : answers.join(', ');
  }
}
