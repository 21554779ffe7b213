/** Who called the company's API in the last days, and who looked at whom. */
import { AccessAppender } from '../../../src/access/access-appender.ts';
import {
  type AccessAct,
  type AccessSubject,
  fieldSetText,
} from '../../../src/access/access-entry.ts';
import { AccessQueue, allocateAccessQueues } from '../../../src/access/access-queue.ts';
import type { TokenHour } from '../../../src/catalog/usage-log.ts';
import type { AccessHour } from '../../../src/domain/access-hours.ts';
import {
  latencyPlace,
  noUsage,
  statusPlace,
  type UsageSums,
} from '../../../src/domain/usage-sums.ts';

const hourMs = 3_600_000;

export interface Caller {
  readonly name: string;
  /** The id of the token or the user, and for a token its row in the catalog. */
  readonly id: string;
  readonly rowId?: number;
}

/** Look-ups in an hour of the day: few at night. */
function callsAt(hour: number, share: number): number {
  const day = 0.35 + 0.65 * Math.max(0, Math.sin(((hour - 13) / 24) * 2 * Math.PI));
  return Math.round(52_000 * share * day * (1 + ((hour * 7) % 5) / 25));
}

const shares: Readonly<Record<string, number>> = {
  'checkout-web': 0.62,
  'mail-renderer': 0.24,
  pricing: 0.09,
  'call-centre': 0.05,
};

/** The usage of the last two days. */
export function usageOf(
  tokens: readonly Caller[],
  {
    organizationId,
    nowMs,
    fieldIds,
  }: {
    readonly organizationId: number;
    readonly nowMs: number;
    readonly fieldIds: readonly number[];
  },
): readonly TokenHour[] {
  const last = Math.floor(nowMs / hourMs);
  return tokens.flatMap(({ name, rowId = 0 }) =>
    Array.from({ length: 48 }, (_, ago) => {
      const hour = last - ago;
      const calls = callsAt(hour, shares[name] ?? 0);
      return {
        ...{ organizationId, tokenRowId: rowId, hour, sums: sumsOf(calls) },
        clients: [{ address: '10.4.9.2', userAgent: `${name}/2.4`, calls }],
        fields: fieldIds.slice(0, 6).map((fieldId) => ({ fieldId, reads: calls })),
      };
    }),
  );
}

/** The looks of the last 30 days: fewer at weekends, and now and then one by a person. */
export function lookHoursOf(organizationId: number, nowMs: number): readonly AccessHour[] {
  const last = Math.floor(nowMs / hourMs);
  return Array.from({ length: 30 * 24 }, (_, ago) => {
    const hour = last - ago;
    const isWeekend = [2, 3].includes(Math.floor(hour / 24) % 7);
    const byUsers = isWeekend || hour % 4 !== 0 ? 0 : hour % 12;
    const looks = Math.round(callsAt(hour, isWeekend ? 0.001 : 0.002)) + byUsers;
    return { organizationId, hour, looks, byUsers, reveals: hour % 97 === 0 ? 1 : 0 };
  });
}

function sumsOf(calls: number): UsageSums {
  const statuses = [...noUsage.statuses];
  const latencies = [...noUsage.latencies];
  const unknown = Math.round(calls * 0.031);
  statuses[statusPlace(404)] = unknown;
  statuses[statusPlace(304)] = Math.round(calls * 0.12);
  statuses[statusPlace(200)] = calls - unknown - Math.round(calls * 0.12);
  for (const [ms, share] of [
    [0.24, 0.6],
    [0.38, 0.33],
    [0.7, 0.055],
    [1.9, 0.015],
  ] as const) {
    latencies[latencyPlace(ms)] = Math.round(calls * share);
  }
  return { units: calls, otherCalls: 0, statuses, latencies };
}

export interface LookPlace {
  readonly dataFolder: string;
  readonly nowMs: number;
  readonly tokens: readonly Caller[];
  readonly users: readonly Caller[];
  /** The contacts, Tom first. */
  readonly subjects: readonly AccessSubject[];
  readonly fieldIds: readonly number[];
}

/** The address, and on whose behalf, by the name of who looks. */
const places: Readonly<Record<string, readonly [address: string, actor?: string]>> = {
  'checkout-web': ['203.0.113.8'],
  'mail-renderer': ['10.4.9.2'],
  pricing: ['10.4.7.31'],
  'call-centre': ['10.4.2.19', 'Mira Chen'],
  'Mira Chen': ['10.4.2.19'],
  'Leo Brandt': ['10.4.2.18'],
  'Dana Reyes': ['10.4.1.7'],
  'Sam Okafor': ['10.4.1.12'],
};

/** One look for every few minutes of the last two days, and some by people. */
export async function writeLooks(place: LookPlace): Promise<void> {
  const { dataFolder, nowMs, subjects, fieldIds } = place;
  const memory = allocateAccessQueues(1);
  const queue = new AccessQueue({ memory, row: 0, isRequired: false });
  let atMs = nowMs;
  const appender = new AccessAppender({
    ...{ dataFolder, memory, threads: 1, clock: () => atMs },
    retention: { maxBytes: 1_000_000_000, maxAgeMs: null },
    alarms: { failing: fail, recovered: fail, lost: fail, broken: fail },
  });
  for (const [n, { hoursAgo, by, subject, ...act }] of looks().entries()) {
    atMs = nowMs - hoursAgo * hourMs;
    const [address, actor] = places[by] ?? [''];
    const who = whoOf(place, by);
    const few = fieldIds.slice(n % 3, 3 + ((n * 5) % 9));
    const fields = fieldSetText(act.way === 'reveal' ? fieldIds.slice(3, 4) : few);
    const usual = { atMs, way: 'lookup', outcome: 'success', fields, remark: '' } as const;
    queue.note({ who, actor, address }, subjects[subject] as AccessSubject, { ...usual, ...act });
  }
  await appender.writeNow();
  await appender.close();
}

function whoOf({ tokens, users }: LookPlace, name: string): string {
  const token = tokens.find((one) => one.name === name);
  return token === undefined
    ? `user:${users.find((one) => one.name === name)?.id}`
    : `token:${token.id}`;
}

interface PastLook extends Partial<AccessAct> {
  readonly hoursAgo: number;
  readonly by: string;
  /** The place of the contact. */
  readonly subject: number;
}

/** In the order of time. */
function looks(): readonly PastLook[] {
  const names = ['checkout-web', 'mail-renderer', 'checkout-web', 'call-centre', 'pricing'];
  const byTokens = Array.from({ length: 320 }, (_, n): PastLook => {
    const by = names[(n * 7 + Math.floor(n / 5)) % names.length] ?? '';
    const missed = n % 17 === 4 ? ({ outcome: 'contact_not_found', fields: '' } as const) : {};
    return { hoursAgo: 0.06 + n * 0.15, by, subject: n % 6 === 0 ? 0 : n % 40, ...missed };
  });
  const byPeople: readonly PastLook[] = [
    { hoursAgo: 0.5, by: 'Mira Chen', subject: 0, way: 'explain' },
    {
      ...{ hoursAgo: 0.45, by: 'Mira Chen', subject: 0, way: 'reveal' },
      remark: 'complaint, ticket 48797',
    },
    { hoursAgo: 0.2, by: 'Dana Reyes', subject: 0, way: 'explain' },
    { hoursAgo: 2.4, by: 'Leo Brandt', subject: 7, way: 'explain' },
    { hoursAgo: 5.1, by: 'Sam Okafor', subject: 0, way: 'privacy_export' },
    { hoursAgo: 21, by: 'Leo Brandt', subject: 0, way: 'search' },
  ];
  return [...byTokens, ...byPeople].toSorted((one, other) => other.hoursAgo - one.hoursAgo);
}

function fail(reason?: unknown): never {
  throw new Error(`the access log of the company was not written: ${reason}`);
}
