/**
 * The states of a run: what each event does to a run in each state. The table in `sync/SPEC.md` is
 * made from it, and the catalog checks each new state of a run against it.
 */
import type { RunState } from './catalog.ts';

/** `none`: not begun. `approved`: the catalog stores it as `waiting` with the actor's name. */
export type RunPhase = RunState | 'none' | 'approved';

export const runEvents = {
  begin: 'A run of the dataset begins: this one, or another.',
  batch: 'The run applies a batch.',
  end: 'The run has applied everything.',
  guard: 'The run would do more than its guards allow.',
  kill: 'The process of the run is killed.',
  lease_lost: 'The run finds that another run of the dataset has its lease.',
  disk_full: 'The store or the workbench has no room.',
  failure: 'Anything else goes wrong.',
  interrupt: 'The process is asked to stop.',
  approve: 'A person approves the plan of the run.',
  reject: 'A person rejects the plan of the run.',
  supersede: 'A later run of the dataset has taken the lease (running), or has ended (waiting).',
  roll_back: 'A rollback restores what was there before the run.',
} as const;

export type RunEvent = keyof typeof runEvents;

/** A new state, or: the state stays, the event is refused, or it cannot happen. */
export type RunEffect = Exclude<RunPhase, 'none'> | 'stays' | 'refused' | 'never';

/** Events of the run's own process, which has ended. */
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

const ended = { ...processEnded, begin: 'stays', supersede: 'stays' } as const;
const undecidable = { approve: 'refused', reject: 'refused' } as const;

export const runEffects: Readonly<Record<RunPhase, Readonly<Record<RunEvent, RunEffect>>>> = {
  none: {
    ...processEnded,
    begin: 'running',
    ...{ approve: 'refused', reject: 'refused', supersede: 'never', roll_back: 'refused' },
  },
  running: {
    ...{ begin: 'refused', batch: 'stays', end: 'succeeded', guard: 'waiting' },
    ...{ kill: 'stays', lease_lost: 'failed', disk_full: 'failed', failure: 'failed' },
    ...{ interrupt: 'interrupted', supersede: 'interrupted', roll_back: 'refused' },
    ...undecidable,
  },
  waiting: {
    ...ended,
    ...{ approve: 'approved', reject: 'rejected', supersede: 'interrupted', roll_back: 'refused' },
  },
  approved: { ...ended, ...undecidable, roll_back: 'refused' },
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

/** The phases in which some event leads to this one. */
export function phasesBefore(phase: Exclude<RunPhase, 'none'>): readonly RunPhase[] {
  const phases = Object.keys(runEffects) as RunPhase[];
  return phases.filter((before) => Object.values(runEffects[before]).includes(phase));
}
