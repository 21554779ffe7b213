/**
 * Drives a real store and the model of the identity rules with the same random histories, and
 * compares every answer after every write. USHER_TEST_SEED repeats a failure.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { IdentityModel } from './identity-model.ts';
import type { IdentitySettings } from './identity-state.ts';
import { type IncomingRow, usableIdentities } from './model-state.ts';
import {
  type Action,
  actionOf,
  everyIdentity,
  randomSettings,
  randomSteps,
  type Step,
} from './random-history.ts';
import { StoreTrial } from './store-trial.ts';

export async function tryStoreHistories(
  context: TestContext,
  count: number,
  usualSeed?: number,
): Promise<void> {
  const usual = usualSeed ?? Date.now() % 1_000_000;
  const seed = Number(process.env['USHER_TEST_SEED'] ?? usual);
  context.diagnostic(`USHER_TEST_SEED=${seed}`);
  const property = fc.asyncProperty(randomSettings, randomSteps, tryHistory);
  const { failed, errorInstance, numShrinks } = await fc.check(property, { numRuns: count, seed });
  const from = `Shortened ${numShrinks} times from the history of USHER_TEST_SEED=${seed}`;
  assert.ok(!failed, `${errorInstance}\n${from}`);
}

async function tryHistory(given: IdentitySettings, steps: readonly Step[]): Promise<void> {
  // A store has one limit of identities, which these histories do not reach.
  const settings = { ...given, maxIdentities: 100 };
  const folder = mkdtempSync(join(tmpdir(), 'usher-identities-'));
  const writer = await openWriter(folder);
  const reader = openReader(folder);
  const played = new PlayedHistory(settings, new StoreTrial(settings, { writer, reader }));
  try {
    for (const step of steps) await played.play(step);
    assert.deepEqual(await reader.verify(), {
      tornContacts: 0,
      danglingIdentities: 0,
      wrongCounts: 0,
    });
  } catch (error) {
    const written = [settings, ...played.history].map((it) => JSON.stringify(it)).join('\n');
    throw new Error(`${error}\nSettings and history:\n${written}`, { cause: error });
  } finally {
    await reader.close();
    await writer.close();
    rmSync(folder, { recursive: true });
  }
}

class PlayedHistory {
  readonly history: Action[] = [];
  readonly #model: IdentityModel;
  readonly #trial: StoreTrial;
  /** The store's entries of the model's merges. */
  readonly #entries = new Map<number, number>();

  constructor(settings: IdentitySettings, trial: StoreTrial) {
    this.#model = new IdentityModel(settings);
    this.#trial = trial;
  }

  async play(step: Step): Promise<void> {
    const action = actionOf(this.#model, step);
    if (action === undefined || !this.#canPlay(action)) return;
    this.history.push(action);
    await this.#write(action);
    for (const identity of everyIdentity) {
      assert.equal(await this.#trial.answer(identity), this.#modelAnswer(identity), identity);
    }
  }

  /** What a store does not do yet. */
  #canPlay({ kind }: Action): boolean {
    return !['erase', 'backup', 'restore', 'wait', 'part'].includes(kind);
  }

  async #write(action: Action): Promise<void> {
    const model = this.#model;
    switch (action.kind) {
      case 'run': {
        const { dataset, rows, kills } = action;
        const batches = (changes: readonly IncomingRow[]) => [...changes.keys()].map((at) => [at]);
        const options = action.isLeft ? { killAfter: kills[0] ?? 0 } : {};
        const each = batches(this.#withoutRepeats(dataset, rows));
        await this.#trial.run(dataset, rows, { ...options, batches: each });
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
      case 'rollback': {
        const refused = model.rollBack(action.dataset);
        if (refused !== undefined) break;
        await this.#trial.rollBack(action.dataset);
        break;
      }
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
    const rows = this.#model.shownRows(identity);
    if (rows.length === 0) return undefined;
    return rows.map(({ dataset, section }) => `${dataset} ${section}`).join(', ');
  }
}
