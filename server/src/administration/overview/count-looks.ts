/** How often contacts were looked at on each of the last 30 days. */
import { offsetMs } from '../../domain/value/zoned-time.ts';
import { type Administration, readIn } from '../administration.ts';
import { requireWholeSight } from '../token/actor-sight.ts';

export interface LookCounts {
  readonly looks: number;
  readonly by_users: number;
  readonly reveals: number;
}

export interface LookDays extends LookCounts {
  /** The oldest first; the last is today. */
  readonly days: readonly (LookCounts & { readonly day: string })[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const shownDays = 30;

/** @throws UsherError `scope_missing`, also for a token that may not see every dataset */
export async function countLooks(
  administration: Administration,
  { id, timeZone }: { readonly id: number; readonly timeZone: string },
): Promise<LookDays> {
  requireWholeSight(administration.actor);
  const zone = timeZone === 'Z' ? 'UTC' : timeZone;
  const dayOf = (ms: number) => Math.floor((ms + offsetMs(ms, zone)) / dayMs);
  const today = dayOf(administration.clock());
  const first = today - shownDays + 1;
  // A zone is at most a day away from UTC.
  const fromHour = (first - 1) * (dayMs / hourMs);
  const hours = await readIn(administration, id, (view) => view.listAccessHours(id, fromHour));
  const byDay = Map.groupBy(hours, ({ hour }) => dayOf(hour * hourMs));
  const days = Array.from({ length: shownDays }, (_, place) => {
    const day = first + place;
    return { day: new Date(day * dayMs).toISOString().slice(0, 10), ...sum(byDay.get(day) ?? []) };
  });
  return { ...sum(days.map((day) => ({ ...day, byUsers: day.by_users }))), days };
}

function sum(
  counts: readonly Readonly<Record<'looks' | 'byUsers' | 'reveals', number>>[],
): LookCounts {
  const total = { looks: 0, by_users: 0, reveals: 0 };
  for (const { looks, byUsers, reveals } of counts) {
    total.looks += looks;
    total.by_users += byUsers;
    total.reveals += reveals;
  }
  return total;
}
