/**
 * The states of a run: what each event does to a run in each state. The table in `sync/SPEC.md` is
 * made from it, and the catalog checks each new state of a run against it.
 */
import type { RunState } from './catalog.ts';

/** `none`: not begun. `approved`: stored as `waiting`, with the name of who approved the run. */
export type RunPhase = RunState | 'none' | 'approved';

export const runEvents = {
  begin: 'This run begins, or another run of the dataset.',
  batch: 'The run applies a batch.',
  end: 'The run has applied everything.',
  guard: 'The run would change, clear or reject more than its guards allow.',
  kill: 'The process of the run is killed.',
  found_dead: 'The server finds that the process of the run has died.',
  lease_lost: 'The run finds that another run now holds the lease of the dataset.',
  disk_full: 'The disk has no room for the store or for the files of the run.',
  failure: 'The run fails for any other reason.',
  interrupt: 'The process of the run is told to stop.',
  approve: 'A person approves the plan of the run.',
  reject: 'A person rejects the plan of the run.',
  supersede:
    'A later run takes the lease while this run is running, or ends while this run waits or is approved and not carried out.',
  roll_back: 'A rollback restores the values that contacts had before the run.',
} as const;

export type RunEvent = keyof typeof runEvents;

/**
 * What an event does: it leads to a new state, the state stays, the event is refused, or the event
 * can `never` happen in this state.
 */
export type RunEffect = Exclude<RunPhase, 'none'> | 'stays' | 'refused' | 'never';

/** The events that only the run's own process causes. They cannot happen once it has ended. */
const processEnded = {
  batch: 'never',
  end: 'never',
  guard: 'never',
  kill: 'never',
  lease_lost: 'never',
  disk_full: 'never',
  failure: 'never',
  interrupt: 'never',
} as const;

const ended = {
  ...processEnded,
  begin: 'stays',
  supersede: 'stays',
  found_dead: 'stays',
} as const;
const undecidable = { approve: 'refused', reject: 'refused' } as const;

export const runEffects: Readonly<Record<RunPhase, Readonly<Record<RunEvent, RunEffect>>>> = {
  none: {
    ...processEnded,
    found_dead: 'never',
    begin: 'running',
    ...{ approve: 'refused', reject: 'refused', supersede: 'never', roll_back: 'refused' },
  },
  running: {
    ...{ begin: 'refused', batch: 'stays', end: 'succeeded', guard: 'waiting' },
    ...{
      kill: 'stays',
      found_dead: 'interrupted',
      lease_lost: 'failed',
      disk_full: 'failed',
      failure: 'failed',
    },
    ...{ interrupt: 'interrupted', supersede: 'interrupted', roll_back: 'refused' },
    ...undecidable,
  },
  waiting: {
    ...ended,
    ...{ approve: 'approved', reject: 'rejected', supersede: 'interrupted', roll_back: 'refused' },
  },
  approved: { ...ended, ...undecidable, supersede: 'interrupted', roll_back: 'refused' },
  rejected: { ...ended, ...undecidable, roll_back: 'refused' },
  succeeded: { ...ended, ...undecidable, roll_back: 'rolled_back' },
  rolled_back: { ...ended, ...undecidable, roll_back: 'refused' },
  failed: { ...ended, ...undecidable, roll_back: 'stays' },
  // The process may still run. It has already applied everything, or its next batch is refused.
  interrupted: {
    ...ended,
    ...undecidable,
    ...{ batch: 'refused', end: 'succeeded', lease_lost: 'stays', roll_back: 'stays' },
  },
};

/** The phases from which an event leads to this phase. */
export function phasesBefore(phase: Exclude<RunPhase, 'none'>): readonly RunPhase[] {
  const phases = Object.keys(runEffects) as RunPhase[];
  return phases.filter((before) => Object.values(runEffects[before]).includes(phase));
}
