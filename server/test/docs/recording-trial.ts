/** A trial that passes each write on to another one, and notes it in words. */
import type { Identity } from '../identities/identity-state.ts';
import type { IdentityTrial, MergeAnswer } from '../identities/identity-trial.ts';
import type { IncomingRow } from '../identities/model-state.ts';

export class RecordingTrial implements IdentityTrial {
  readonly #trial: IdentityTrial;
  /** What was written, in order. */
  readonly written: string[] = [];
  /** Whether something was erased. */
  hasErased = false;

  constructor(trial: IdentityTrial) {
    this.#trial = trial;
  }

  run(dataset: string, rows: readonly IncomingRow[]): Promise<void> {
    this.written.push(`${dataset}: ${rowsText(rows)}`);
    return this.#trial.run(dataset, rows);
  }

  runKilled(dataset: string, rows: readonly IncomingRow[], after: number): Promise<void> {
    this.written.push(`${dataset}, killed after row ${after}: ${rowsText(rows)}`);
    return this.#trial.runKilled(dataset, rows, after);
  }

  push(dataset: string, row: IncomingRow): Promise<void> {
    this.written.push(`${dataset}: ${rowText(row)}`);
    return this.#trial.push(dataset, row);
  }

  async merge(one: Identity, other: Identity): Promise<MergeAnswer> {
    const answer = await this.#trial.merge(one, other);
    const refused = 'refused' in answer ? ` is refused: \`${answer.refused}\`` : '';
    this.written.push(`merge ${identityText(one)} ${identityText(other)}${refused}`);
    return answer;
  }

  unmerge(entry: number): Promise<void> {
    this.written.push('unmerge');
    return this.#trial.unmerge(entry);
  }

  split(identity: Identity): Promise<void> {
    this.written.push(`split ${identityText(identity)}`);
    return this.#trial.split(identity);
  }

  part(dataset: string): Promise<void> {
    this.written.push(`part what ${dataset} joined`);
    return this.#trial.part(dataset);
  }

  erase(identity: Identity): Promise<void> {
    this.hasErased = true;
    return this.#trial.erase(identity);
  }

  rollBack(dataset: string): Promise<void> {
    this.written.push(`rollback of ${dataset}`);
    return this.#trial.rollBack(dataset);
  }

  backUp(): Promise<void> {
    return this.#trial.backUp();
  }

  restore(): Promise<void> {
    return this.#trial.restore();
  }

  wait(days: number): Promise<void> {
    this.written.push(`${days} days pass`);
    return this.#trial.wait(days);
  }

  answer(identity: Identity): Promise<string | undefined> {
    return this.#trial.answer(identity);
  }
}

function rowsText(rows: readonly IncomingRow[]): string {
  return rows.length === 0 ? 'no rows' : rows.map(rowText).join(', ');
}

function rowText({ identities, cleared = [], section }: IncomingRow): string {
  const words = [...identities, ...cleared.map((type) => `${type}:null`), section];
  return `\`${words.filter((word) => word !== '').join(' ')}\``;
}

function identityText(identity: Identity): string {
  return `\`${identity}\``;
}
