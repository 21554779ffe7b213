/**
 * Draws contacts at random, for estimates: the space of all digests is cut into equal parts, and a
 * window of each part is read, at a random place. A seed gives the same windows again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ContactSample } from '../../domain/flow/planned-moves.ts';
import { type ContactParts, digestSpace } from '../../stores/contact-walk.ts';
import type { ContactReader, Kept, LentContact } from '../../stores/store.ts';
import { drawWindows, maxDrawMs, maxStepMs, maxWholeDrawMs } from '../limits.ts';
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
  /** How long all contacts may be drawn, and how long a sample may be read again. */
  readonly longest?: { readonly wholeMs: number; readonly againMs: number };
}

type Read<Result> = (contact: LentContact) => Result;

/**
 * Calls `read` with each contact that is drawn. A new sample ends early if the disk or the rules
 * are slow: the windows come in random order, so those that were read are a sample too. If all
 * contacts are drawn, it ends only after `longest.wholeMs`. Other requests are answered in between.
 * @throws the reason of `stop`
 */
export async function drawContacts<Result extends Kept>(
  reader: Pick<ContactReader, 'walkContacts'>,
  { organizationId, typeIds, memberships, sample, stop, longest = usualLongest }: ContactDraw,
  read: Read<Result>,
): Promise<ContactSample> {
  const { seed } = sample;
  const known = 'share' in sample ? sample : undefined;
  const share = 'share' in sample ? sample.share : shareOf(sample);
  // Of few contacts all are read, so that their count is exact.
  const newMs = share === 1 ? longest.wholeMs : maxDrawMs;
  const pace = new Pace(known === undefined ? newMs : longest.againMs, known?.contacts);
  const walk = { organizationId, parts: { memberships, identities: true }, isOver: pace.isOver };
  let windows = 0;
  const drawn = drawnWindows({ share, parts: drawWindows }, seededRandom(seed));
  for (const { from, to } of drawn.slice(0, known?.windows)) {
    let skip = 0;
    do {
      stop?.throwIfAborted();
      pace.startStep();
      const range = { by: 'digest', typeIds, from, to, skip } as const;
      await reader.walkContacts({ ...walk, range }, read);
      skip += pace.stepContacts;
      if (!pace.isDone()) await nextTurn();
    } while (pace.isStepCut && !pace.isDone());
    windows += 1;
    if (pace.isDone()) break;
  }
  const isCut = pace.isStepCut || known?.contacts !== undefined;
  return { seed, share, windows, ...(isCut && { contacts: pace.contacts }) };
}

const usualLongest = { wholeMs: maxWholeDrawMs, againMs: maxWholeDrawMs };

/** Ends steps after `maxStepMs`, and the drawing after its time or with its last contact. */
class Pace {
  contacts = 0;
  stepContacts = 0;
  /** Whether the last step ended before its window. */
  isStepCut = false;
  readonly #endMs: number;
  readonly #mostContacts: number;
  #stepEndMs = 0;

  constructor(longestMs: number, mostContacts = Number.POSITIVE_INFINITY) {
    this.#endMs = performance.now() + longestMs;
    this.#mostContacts = mostContacts;
  }

  startStep(): void {
    this.stepContacts = 0;
    this.isStepCut = false;
    this.#stepEndMs = Math.min(performance.now() + maxStepMs, this.#endMs);
  }

  /** Called after each contact. */
  readonly isOver = (): boolean => {
    this.contacts += 1;
    this.stepContacts += 1;
    this.isStepCut = this.contacts >= this.#mostContacts || performance.now() > this.#stepEndMs;
    return this.isStepCut;
  };

  isDone(): boolean {
    return this.contacts >= this.#mostContacts || performance.now() > this.#endMs;
  }
}

/** Whether all contacts were drawn. */
export function isWhole({ share, windows, contacts }: ContactSample): boolean {
  return share === 1 && windows === drawWindows && contacts === undefined;
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
