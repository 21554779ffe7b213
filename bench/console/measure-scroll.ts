/**
 * How smoothly a long table scrolls: the page of the access log with 10,000 entries. The page's own
 * thread moves the table in each frame, so that a frame that comes late counts.
 */
import type { Page } from 'playwright-core';
import { noteFigures } from '../lookup/progress.ts';
import type { SignedIn } from './console-users.ts';
import { withPage } from './open-page.ts';

const scrolledRows = 10_000;
/** As many as a page of the API has. The page of the console asks for fewer, which takes longer. */
const pageSize = 200;
const seconds = 10;
/** A reader who skims: 11 new rows in a frame would be a blur, one is not. */
const skimmedPixelsPerSecond = 2_400;

const table = `document.querySelector('table[aria-label="Who looked"]')`;

export interface Scroll {
  readonly framesPerSecond: number;
  readonly longestFrameMs: number;
  /** Frames in which the middle of the table had no row yet. */
  readonly blankFrames: number;
  /** Frames that the browser's compositor gave up, from its trace. */
  readonly droppedFrames: number;
}

export interface Scrolls {
  /** At the speed of a reader who skims. */
  readonly skimmed: readonly Scroll[];
  /** From the first to the last row within ten seconds. */
  readonly whole: readonly Scroll[];
}

export function measureScroll(origin: string, user: SignedIn, rounds: number): Promise<Scrolls> {
  return withPage(origin, user, async (page) => {
    await openRows(page, origin);
    const scrolls = { skimmed: [] as Scroll[], whole: [] as Scroll[] };
    for (let round = 1; round <= rounds; round += 1) {
      for (const kind of ['skimmed', 'whole'] as const) {
        const found = await scrollOnce(page, kind);
        scrolls[kind].push(found);
        noteFigures(round, `scroll, ${kind}`, found);
      }
    }
    return scrolls;
  });
}

/** Reads page after page, until the table has all the rows. */
async function openRows(page: Page, origin: string): Promise<void> {
  await page.route('**/console/api/v1/access-log*', (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('limit', String(pageSize));
    return route.continue({ url: url.href });
  });
  await page.goto(`${origin}/console/access`);
  const older = page.getByRole('button', { name: 'Older' });
  for (let rows = pageSize; rows < scrolledRows; rows += pageSize) {
    await older.click();
    await page.getByText(`${(rows + pageSize).toLocaleString('en-US')} shown`).waitFor();
  }
}

async function scrollOnce(page: Page, kind: keyof Scrolls): Promise<Scroll> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the browser is gone');
  const pixels = kind === 'whole' ? 'Infinity' : String(skimmedPixelsPerSecond * seconds);
  await browser.startTracing(page, {
    categories: ['disabled-by-default-devtools.timeline.frame'],
  });
  const found = await page.evaluate<Omit<Scroll, 'droppedFrames'>>(scrollScript(pixels));
  const { traceEvents }: { traceEvents: { readonly name: string }[] } = JSON.parse(
    (await browser.stopTracing()).toString('utf8'),
  );
  const droppedFrames = traceEvents.filter(({ name }) => name === 'DroppedFrame').length;
  return { ...found, droppedFrames };
}

/** As text, because this program is typed without the browser's objects. */
function scrollScript(pixels: string): string {
  return `new Promise((resolve) => {
    const box = ${table}.parentElement;
    const { left, top, width, height } = box.getBoundingClientRect();
    const isBlank = () =>
      document.elementFromPoint(left + width / 2, top + height / 2)?.closest('[aria-rowindex]') ==
      null;
    const end = Math.min(${pixels}, box.scrollHeight - box.clientHeight);
    box.scrollTop = 0;
    let frames = 0;
    let blankFrames = 0;
    let longestFrameMs = 0;
    let startMs;
    let lastMs;
    const step = (nowMs) => {
      startMs ??= nowMs;
      longestFrameMs = Math.max(longestFrameMs, nowMs - (lastMs ?? nowMs));
      lastMs = nowMs;
      if (isBlank()) blankFrames += 1;
      const share = (nowMs - startMs) / ${seconds * 1_000};
      if (share >= 1) {
        const framesPerSecond = (frames / (nowMs - startMs)) * 1_000;
        resolve({ framesPerSecond, longestFrameMs, blankFrames });
        return;
      }
      frames += 1;
      box.scrollTop = end * share;
      requestAnimationFrame(step);
    };
    // The first frame after the jump to the top is not part of it.
    requestAnimationFrame(() => requestAnimationFrame(step));
  })`;
}
