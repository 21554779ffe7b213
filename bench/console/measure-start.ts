/**
 * How soon the console can be used: the time from the begin of the navigation until the page shows
 * what its user came for. Each start has a new browser with an empty cache.
 */
import { noteFigures } from '../lookup/progress.ts';
import type { SignedIn } from './console-users.ts';
import { withPage } from './open-page.ts';

export interface StartTimes {
  /** Until the sign-in form takes input, in milliseconds. */
  readonly signIn: readonly number[];
  /** Until the overview shows its figures, for a user who is signed in. */
  readonly overview: readonly number[];
}

const shown = { signIn: 'input[name="email"]', overview: '[aria-label="Look-ups now"]' } as const;

export async function measureStart(
  origin: string,
  user: SignedIn,
  rounds: number,
): Promise<StartTimes> {
  const times = { signIn: [] as number[], overview: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    times.signIn.push(await startOnce(origin, undefined, shown.signIn));
    times.overview.push(await startOnce(origin, user, shown.overview));
    noteFigures(round, 'start', {
      signInMs: times.signIn.at(-1),
      overviewMs: times.overview.at(-1),
    });
  }
  return times;
}

function startOnce(origin: string, user: SignedIn | undefined, selector: string): Promise<number> {
  return withPage(origin, user, async (page) => {
    await page.addInitScript({ content: noteUsable(selector) });
    await page.goto(`${origin}/console`, { waitUntil: 'commit' });
    return page.evaluate<number>('window.usable');
  });
}

/**
 * As text, because this program is typed without the browser's objects. The time ends when the
 * frame that shows the element is painted and the page can take input again.
 */
function noteUsable(selector: string): string {
  return `window.usable = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(${JSON.stringify(selector)}) === null) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    });
    observer.observe(document, { subtree: true, childList: true });
  });`;
}
