/**
 * Look-ups that nobody asked for. A thread answers them before it listens, so that V8 has compiled
 * what look-ups run: otherwise those of the first second wait for uncompiled code and the compiler.
 * The thread sends them to itself over loopback and drops the answers.
 */
import type { ApiContext } from '../http/api-context.ts';
import type { Doors } from '../http/connection/doors.ts';
import { createLog } from '../observe/log.ts';
import type { Traces } from './compose-traces.ts';
import { maxActMs, rehearsalTalks, rehearsedLookups } from './limits.ts';
import { type RehearsalScript, writeScript } from './rehearsal-script.ts';
import { openStage } from './rehearsal-stage.ts';

type Mutable<T> = { -readonly [Part in keyof T]: T[Part] };

interface RehearsalParts {
  /** Of the doors. Is as before when the rehearsal has ended. */
  readonly context: Mutable<ApiContext>;
  /** Nobody else may use them meanwhile. */
  readonly doors: Pick<Doors, 'accept'>;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Ends the rehearsal early. */
  readonly stop: AbortSignal;
}

export interface Rehearsed {
  readonly lookups: number;
  /** How many of them found a contact. */
  readonly found: number;
}

/**
 * Nothing stays of a rehearsal: it has its own catalog and traces. With two acts, V8 does not
 * take those of one for the only ones, and keeps what it has compiled when the real ones come.
 * @param unseen makes traces that nobody reads
 */
export async function rehearse(
  { context, doors, randomBytes, stop }: RehearsalParts,
  unseen: () => Traces,
): Promise<Rehearsed> {
  const { catalog, reader } = context;
  const script = await writeScript({ state: catalog.current(), reader, randomBytes });
  const rehearsed = { lookups: 0, found: 0 };
  if (script === undefined) return rehearsed;
  const own = { ...context };
  try {
    for (let act = 1; act <= 2; act += 1) {
      const current = () => script.state;
      // What is wrong with the store is logged when somebody asks for it.
      const log = createLog({ level: 'silent', part: 'rehearsal' });
      Object.assign(context, unseen(), { catalog: { ...catalog, current }, log });
      await play(doors, script, { rehearsed, stop });
    }
  } finally {
    Object.assign(context, own);
  }
  return rehearsed;
}

/** Resolves when the look-ups are answered, take too long, or are stopped. */
async function play(
  doors: RehearsalParts['doors'],
  { talks }: RehearsalScript,
  { rehearsed, stop }: { readonly rehearsed: Mutable<Rehearsed>; readonly stop: AbortSignal },
): Promise<void> {
  const ended = AbortSignal.any([stop, AbortSignal.timeout(maxActMs)]);
  const stage = await openStage(doors.accept);
  ended.addEventListener('abort', stage.hangUp);
  let left = rehearsedLookups;
  const isOver = () => left <= 0 || ended.aborted;
  const talkOn = async (_: unknown, first: number) => {
    for (let turn = first; !isOver(); turn += rehearsalTalks.atATime) {
      const requests = talks[turn % talks.length] ?? [];
      let sent = 0;
      await stage.talk((status) => {
        if (status === '200') rehearsed.found += 1;
        if (isOver() || sent === rehearsalTalks.lookups) return undefined;
        left -= 1;
        sent += 1;
        rehearsed.lookups += 1;
        return requests[sent % requests.length];
      });
      // There was no connection: file handles are scarce.
      if (sent === 0) return;
    }
  };
  await Promise.all(Array.from({ length: rehearsalTalks.atATime }, talkOn));
  await stage.close();
}
