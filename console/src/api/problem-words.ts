/** What a problem says to a person: the sentence that helps, then the rest, then each place. */
import { type ApiProblem, problemOf } from './api-problem.ts';

export interface ProblemWords {
  /** The sentence that helps. The API's own title names a kind of problems, and helps nobody. */
  readonly title: string;
  readonly detail: string;
  /** If several things are wrong: each with its place. */
  readonly list: readonly string[];
}

interface Fault {
  /** Where in the body, as a JSON pointer. */
  readonly path: string;
  readonly detail: string;
}

/** @param error anything that was thrown */
export function problemWords(error: unknown): ProblemWords {
  const problem = problemOf(error);
  const { status, title, detail } = problem.facts;
  const faults = faultsOf(problem);
  const [only] = faults;
  if (problem.code === 'precondition_failed') return { ...changedMeanwhile, list: [] };
  if (faults.length > 1) {
    const list = faults.map(({ path, detail: words }) => `${placeWords(path)}${words}`);
    return { title: `${faults.length} things need a change`, detail: '', list };
  }
  if (only !== undefined) {
    const isPlaceSaid = detail.startsWith(only.path);
    return {
      ...firstSentence(`${isPlaceSaid ? placeWords(only.path) : ''}${only.detail}`),
      list: [],
    };
  }
  // Titles of the console itself are written for people.
  const isOwn = status === 0 || problem.code === 'not_understood';
  return { ...(isOwn ? { title, detail } : firstSentence(detail)), list: [] };
}

const changedMeanwhile = {
  title: 'Somebody else changed this meanwhile',
  detail: 'Nothing was replaced. Look at it as it is now, then try again.',
};

/** The same in one line. */
export function problemText(error: unknown): string {
  const { title, detail, list } = problemWords(error);
  const first = /[.!?]$/.test(title) ? title : `${title}.`;
  return [first, detail, ...list].filter((words) => words !== '').join(' ');
}

function firstSentence(text: string): Pick<ProblemWords, 'title' | 'detail'> {
  const [first = ''] = /^.*?[.!?](?=\s+[A-Z"'])/s.exec(text) ?? [text];
  return { title: first.replace(/\.$/, ''), detail: text.slice(first.length).trim() };
}

/** `/definition/max_age/after` in words. */
function placeWords(path: string): string {
  const parts = path.split('/').slice(1);
  const shown = parts[0] === 'definition' ? parts.slice(1) : parts;
  return shown.length === 0 ? '' : `${shown.join(', ')}: `;
}

function faultsOf({ facts }: ApiProblem): readonly Fault[] {
  const { problems } = facts.members;
  return Array.isArray(problems) ? (problems as readonly Fault[]) : [];
}

export interface FormFaults {
  /** What is wrong with the input that fills this path. */
  at(path: string): string | undefined;
  /** The error, unless the inputs say all of it. */
  readonly other: ApiProblem | null;
}

/** @param paths the JSON pointers of the form's inputs */
export function formFaults(error: ApiProblem | null, paths: readonly string[]): FormFaults {
  const faults = error === null ? [] : faultsOf(error);
  const isSaid = faults.length > 0 && faults.every(({ path }) => paths.includes(path));
  return {
    at: (path) => faults.find((fault) => fault.path === path)?.detail,
    other: isSaid ? null : error,
  };
}
