/** Finds words that a reader can see. */
import type { Locator, Page } from 'playwright-core';

/**
 * The first place that shows these words. The page may hold them unseen, too: the bar of a narrow
 * window has the page's title. A plain `.first()` waits for that one for ever.
 */
export function firstShown(place: Page | Locator, words: string | RegExp): Locator {
  return place.getByText(words).filter({ visible: true }).first();
}
