/** Collects every problem of a definition, so that the caller can fix all of them at once. */
import { type ProblemCode, UsherError } from '../../domain/errors.ts';
import type { Problem } from '../../domain/problem.ts';
import { hasLength, hiddenCharacter } from '../../domain/text-characters.ts';

export interface DefinitionProblem {
  /** JSON pointer into the request (`/fields/2`). */
  readonly path: string;
  readonly detail: string;
  /** A code that says more than `definition_invalid`. */
  readonly code?: ProblemCode;
  /** Members of the problem with that code, such as the line in a rule. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** Problems that the error's text lists. The member `problems` has all of them. */
const maxShownProblems = 20;

export class DefinitionProblems {
  readonly #problems: DefinitionProblem[];
  readonly #path: string;

  constructor(below?: { readonly problems: DefinitionProblem[]; readonly path: string }) {
    this.#problems = below?.problems ?? [];
    this.#path = below?.path ?? '';
  }

  get count(): number {
    return this.#problems.length;
  }

  add(path: string, detail: string): void {
    this.#problems.push({ path: `${this.#path}${path}`, detail });
  }

  /** Adds a problem that has a code of its own. */
  addCoded(path: string, { code, detail, members }: Problem): void {
    const known = members === undefined ? {} : { members };
    this.#problems.push({ path: `${this.#path}${path}`, detail, code, ...known });
  }

  /** A view of the same collection, which puts `path` before the path of each added problem. */
  below(path: string): DefinitionProblems {
    return new DefinitionProblems({ problems: this.#problems, path: `${this.#path}${path}` });
  }

  /** Adds the problem unless the condition holds. */
  check(holds: boolean, path: string, detail: string): void {
    if (!holds) this.add(path, detail);
  }

  /**
   * @throws UsherError `definition_invalid` with all problems in the member `problems`; or the code
   *   that all of them have, with the members of the first
   */
  throwIfAny(): void {
    if (this.#problems.length === 0) return;
    const problems = [...this.#problems];
    const shown = problems.slice(0, maxShownProblems);
    const words = shown
      .map(({ path, detail }) => (path === '' ? detail : `${path}: ${detail}`))
      .join(' ');
    const left = problems.length - shown.length;
    const text = left === 0 ? words : `${words} And ${left} more.`;
    const [code] = new Set(problems.map((problem) => problem.code ?? 'definition_invalid'));
    const isOneCode = problems.every((problem) => problem.code === code);
    const told = problems.map((problem) => ({
      ...problem.members,
      path: problem.path,
      detail: problem.detail,
    }));
    const members = { ...(isOneCode && problems[0]?.members), problems: told };
    throw new UsherError(isOneCode && code !== undefined ? code : 'definition_invalid', text, {
      members,
    });
  }
}

/** What is wrong with a text of several lines; `undefined`: nothing. */
export function descriptionFault(text: string, max: number): string | undefined {
  if (text !== '' && !hasLength(text, max)) return `Give at most ${max} characters.`;
  const found = hiddenCharacter(text);
  return found === undefined ? undefined : `${found.words} Delete it.`;
}
