/** Collects everything that is wrong with a definition, so that the caller can put all of it right at once. */
import { UsherError } from '../domain/errors.ts';

export interface DefinitionProblem {
  /** JSON pointer into the request (`/fields/2`). */
  readonly path: string;
  readonly detail: string;
}

export class DefinitionProblems {
  readonly #problems: DefinitionProblem[] = [];

  add(path: string, detail: string): void {
    this.#problems.push({ path, detail });
  }

  /** Adds the problem unless the condition holds. */
  check(holds: boolean, path: string, detail: string): void {
    if (!holds) this.add(path, detail);
  }

  /** @throws UsherError `definition_invalid`, when there are any; the member `problems` lists them all */
  throwIfAny(): void {
    if (this.#problems.length === 0) return;
    const problems = [...this.#problems];
    const detail = problems.map((problem) => `${problem.path}: ${problem.detail}`).join(' ');
    throw new UsherError('definition_invalid', detail, { members: { problems } });
  }
}

/** A name that people write: 1 to `max` characters, none of them a control character, no space at the ends. */
export function isPlainText(text: string, max: number): boolean {
  return text.length >= 1 && text.length <= max && text.trim() === text && !/\p{Cc}/u.test(text);
}
