/** Why a part of the console could not be loaded, in words that say what to do. */
import { ApiProblem, unreachable } from './api-problem.ts';

/**
 * Asks the node for its page: a node that was updated serves other scripts, and no longer those of
 * this page.
 * @param cause what the import threw
 */
export async function loadProblem(cause: unknown): Promise<ApiProblem> {
  forgetBrokenStyles();
  const page = await readPage();
  if (page === undefined) return unreachable(cause);
  const facts = { status: 0, requestId: undefined, members: {} } as const;
  if (page.includes(ownScript())) {
    const title = 'A part of the console did not arrive';
    const detail = 'Try again. If it does not help, load the page again.';
    return new ApiProblem({ ...facts, code: 'not_understood', title, detail }, { cause });
  }
  const title = 'Usher was updated';
  const detail = 'This page belongs to the version before. Reload it to go on.';
  return new ApiProblem({ ...facts, code: 'console_updated', title, detail }, { cause });
}

async function readPage(): Promise<string | undefined> {
  try {
    const answer = await fetch('/console/', { cache: 'no-store' });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}

/** The name of the script that began this page: it changes with each build. */
function ownScript(): string {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  return script === null ? '' : new URL(script.src).pathname;
}

/** A style sheet that did not arrive would count as loaded at the next try. */
function forgetBrokenStyles(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
    if (link.sheet === null) link.remove();
  }
}
