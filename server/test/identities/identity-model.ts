/**
 * The reference model of the identity rules: what each kind of write does, and who answers then. It
 * looks at everything after every write, so it is slow, and simple enough to compare a store with.
 */
import { applyPush, type PushRefusal } from './apply-push.ts';
import { applyRun, type RunOptions } from './apply-rows.ts';
import { settle } from './contact-ids.ts';
import { erase, restore } from './erasure.ts';
import type { Decision } from './identity-rules.ts';
import {
  claimedBy,
  compareStrength,
  type Identity,
  type IdentitySettings,
  type Row,
} from './identity-state.ts';
import {
  type MergeOutcome,
  merge,
  partStorm,
  split,
  type UnmergeRefusal,
  unmerge,
} from './joins-by-people.ts';
import { copyState, type IncomingRow, type ModelState, newState } from './model-state.ts';
import { rollBack } from './roll-back.ts';

export class IdentityModel {
  readonly state: ModelState;

  constructor(settings: IdentitySettings, state = newState(settings)) {
    this.state = state;
  }

  copy(): IdentityModel {
    return new IdentityModel(this.state.settings, copyState(this.state));
  }

  run(dataset: string, rows: readonly IncomingRow[], options: RunOptions = {}): void {
    applyRun(this.state, { dataset, rows }, options);
  }

  push(dataset: string, row: IncomingRow): PushRefusal | undefined {
    return applyPush(this.state, dataset, row);
  }

  merge(one: Identity, other: Identity): MergeOutcome {
    return merge(this.state, one, other);
  }

  unmerge(entry: number): UnmergeRefusal | undefined {
    return unmerge(this.state, entry);
  }

  split(identity: Identity): ReturnType<typeof split> {
    return split(this.state, identity);
  }

  partStorm(since: number, by?: string): void {
    partStorm(this.state, { since, by });
  }

  erase(identity: Identity, isLogged = false): ReturnType<typeof erase> {
    return erase(this.state, identity, isLogged);
  }

  restore(backup: IdentityModel): void {
    restore(this.state, backup.state);
  }

  rollBack(dataset: string): ReturnType<typeof rollBack> {
    return rollBack(this.state, dataset);
  }

  /** Whether a row names the identity, although it may lead nowhere. */
  isClaimed(identity: Identity): boolean {
    return [...this.state.rows.values()].some((row) => claimedBy(row).includes(identity));
  }

  wait(days: number): void {
    this.state.day += days;
    settle(this.state, this.state.version);
  }

  /** All rows of the contact that an identity leads to, those that are hidden too. */
  rowsAt(identity: Identity, decision: Decision = this.state.decision): readonly Row[] {
    return decision.groupOf.get(identity)?.rows ?? [];
  }

  /** The rows that answer: of each dataset the newest, and at a tie the one of the stronger key. */
  shownRows(identity: Identity, decision: Decision = this.state.decision): Row[] {
    const { settings } = this.state;
    const rows = this.rowsAt(identity, decision);
    return settings.datasets.flatMap(({ name, kind }) => {
      if (kind === 'identity') return [];
      const own = rows.filter(({ dataset }) => dataset === name);
      own.sort(
        (one, other) =>
          other.version - one.version || compareStrength(settings, one.key, other.key),
      );
      return own.slice(0, 1);
    });
  }

  /** The founder of a contact id, if the id leads anywhere. */
  founderOf(contactId: number): Identity | undefined {
    return this.state.founders.get(contactId);
  }
}
