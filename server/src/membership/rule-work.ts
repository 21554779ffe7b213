/** What happens when the rules of an answer take more work for a contact than they may. */
import { UsherError } from '../domain/errors.ts';
import { maxRuleWork, maxSharedWork } from './limits.ts';

/** The exit code of commands; the process of a preview tells with it why it ended. */
export const tooCostlyExitCode = 5;

const limit = maxRuleWork.toLocaleString('en-US');

/** @param costly what took the work, for people who may see definitions */
export function rulesTooCostly(costly?: string): UsherError {
  const names = costly === undefined ? '"usher explain" names them' : `most of it is for ${costly}`;
  return new UsherError(
    'rules_too_costly',
    `For this contact, the rules of the answer take more than ${limit} units of work. Ask for fewer memberships and computed fields, or let the operator make the rules cheaper: ${names}.`,
    { members: { maximum: maxRuleWork } },
  );
}

export function isTooCostly(error: unknown): error is UsherError {
  return error instanceof UsherError && error.code === 'rules_too_costly';
}

/** The same error, with what was evaluated then, for the log. Other errors stay as they are. */
export function withRule(error: unknown, rule: Readonly<Record<string, unknown>>): unknown {
  if (!isTooCostly(error)) return error;
  const { code, detail, members, context } = error;
  return new UsherError(code, detail, { members, context: { ...rule, ...context }, cause: error });
}

/** Notes what each definition takes of the work, to name the one that takes most. */
export class WorkNotes {
  readonly #evaluation: { readonly workLeft: number };
  #most = { name: '', work: -1 };

  constructor(evaluation: { readonly workLeft: number }) {
    this.#evaluation = evaluation;
  }

  /**
   * @param name for people, such as `the segment VIP (7)`
   * @throws UsherError `rules_too_costly` names the definition that took most work so far
   */
  note<Result>(name: string, evaluate: () => Result): Result {
    const before = this.#evaluation.workLeft;
    try {
      return evaluate();
    } catch (error) {
      this.#add(name, before);
      throw isTooCostly(error) ? rulesTooCostly(this.#most.name) : error;
    } finally {
      this.#add(name, before);
    }
  }

  #add(name: string, before: number): void {
    const work = before - this.#evaluation.workLeft;
    if (work > this.#most.work) this.#most = { name, work };
  }
}

/** The work for several contacts, which are evaluated without a pause. */
export class SharedWork {
  readonly #evaluation: { readonly workLeft: number };
  #left = maxSharedWork;

  constructor(evaluation: { readonly workLeft: number }) {
    this.#evaluation = evaluation;
  }

  /** Call it after each contact. */
  add(): void {
    this.#left -= maxRuleWork - this.#evaluation.workLeft;
  }

  get isDone(): boolean {
    return this.#left <= 0;
  }
}
