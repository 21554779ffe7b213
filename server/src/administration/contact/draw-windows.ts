/**
 * Draws contacts at random: the space of all digests is cut into equal parts, and a window of each
 * part is read, at a random place.
 */
import { digestSpace } from '../../stores/contact-walk.ts';

/** A part of the space of digests. */
export interface DigestWindow {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/**
 * The windows, in random order, so that those that were read before an early end are a sample too.
 * @param draw `share`: the share of all contacts to draw, at most 1; `parts`: how many windows
 * @param random gives numbers from 0 to 1, without 1
 */
export function drawnWindows(
  { share, parts }: { readonly share: number; readonly parts: number },
  random: () => number,
): readonly DigestWindow[] {
  const part = digestSpace / parts;
  const windows = Array.from({ length: parts }, (_, place) => {
    const from = Math.floor(place * part + random() * part * (1 - share));
    return { from, to: share === 1 ? (place + 1) * part : Math.floor(from + part * share) };
  });
  return windows
    .map((window) => ({ window, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ window }) => window);
}
