/**
 * Draws contacts at random, for estimates: the space of all digests is cut into equal parts, and a
 * window of each part is read, at a random place. A seed gives the same windows again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ContactSample } from '../../domain/flow/planned-moves.ts';
import { type ContactParts, digestSpace } from '../../stores/contact-walk.ts';
import type { ContactReader, Kept, LentContact } from '../../stores/store.ts';
import { drawWindows, maxDrawMs, maxWholeDrawMs } from '../limits.ts';
import { seededRandom } from './seeded-random.ts';

export interface ContactDraw {
  readonly organizationId: number;
  /** All identity types of the organization. */
  readonly typeIds: readonly number[];
  readonly memberships: ContactParts['memberships'];
  /** A new sample of so many of all contacts, or one to read again. */
  readonly sample:
    | { readonly seed: number; readonly wanted: number; readonly contacts: number }
    | ContactSample;
  readonly stop?: AbortSignal;
}

type Read<Result> = (contact: LentContact) => Result;

/**
 * Calls `read` with each contact that is drawn. A new sample ends early if the disk is slow: the
 * windows come in random order, so those that were read are a sample too. If all contacts are
 * drawn, it ends only after `maxWholeDrawMs`.
 * @throws the reason of `stop`
 */
export async function drawContacts<Result extends Kept>(
  reader: Pick<ContactReader, 'walkContacts'>,
  { organizationId, typeIds, memberships, sample, stop }: ContactDraw,
  read: Read<Result>,
): Promise<ContactSample> {
  const { seed } = sample;
  const known = 'share' in sample ? sample : undefined;
  const share = 'share' in sample ? sample.share : shareOf(sample);
  // Of few contacts all are read, so that their count is exact.
  const longestMs = share === 1 ? maxWholeDrawMs : maxDrawMs;
  const endMs = known === undefined ? performance.now() + longestMs : Number.POSITIVE_INFINITY;
  const parts = { memberships, identities: true };
  let windows = 0;
  const drawn = drawnWindows({ share, parts: drawWindows }, seededRandom(seed));
  for (const { from, to } of drawn.slice(0, known?.windows)) {
    stop?.throwIfAborted();
    const range = { by: 'digest', typeIds, from, to } as const;
    await reader.walkContacts({ organizationId, parts, range }, read);
    windows += 1;
    if (performance.now() > endMs) break;
    await nextTurn();
  }
  return { seed, share, windows };
}

/** Whether all contacts were drawn. */
export function isWhole({ share, windows }: ContactSample): boolean {
  return share === 1 && windows === drawWindows;
}

function shareOf({ wanted, contacts }: { readonly wanted: number; readonly contacts: number }) {
  return Math.min(1, wanted / Math.max(1, contacts));
}

/** A part of the space of digests. */
interface DigestWindow {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/**
 * The windows, in random order.
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
