/** Random dates, durations and days. */
import {
  dateOrNull,
  fieldValue,
  msOf,
  type NaiveField,
  plusDays,
  startOfDay,
} from './naive-contact.ts';
import {
  applied,
  choice,
  coalesced,
  combined,
  constant,
  type Naive,
  type NaiveSource,
} from './naive-source.ts';

/** Around changes of clocks, and a few far days. */
export const sampleDays: readonly string[] = [
  ...['2026-03-07', '2026-03-08', '2026-03-09', '2026-10-31', '2026-11-01', '2026-11-02'],
  ...['2011-12-29', '2011-12-30', '2018-11-04', '2026-04-05', '2026-10-04', '2026-03-29'],
  ...['2024-02-29', '1999-12-31', '1883-11-18', '0001-01-01', '9999-12-31', '2140-03-09'],
];

export const sampleTimes: readonly string[] = [
  ...['2026-03-08T06:59:59Z', '2026-03-08T07:00:00Z', '2026-03-08T07:30:00.250Z'],
  ...['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z', '2026-03-09T04:00:00Z'],
  ...['2026-04-04T15:15:00.500Z', '2026-04-04T14:45:00Z', '2026-12-01T06:30:00Z'],
];

export function naiveDate(source: NaiveSource, depth: number): Naive<number> {
  const { random } = source;
  if (depth === 0 || random.chance(40)) return leaf(source);
  const next = () => source.date(depth - 1);
  switch (random.below(6)) {
    case 0:
      return choice(source.condition(depth - 1), next(), next());
    case 1:
      return coalesced([next(), next()]);
    case 2: {
      const parts = [next(), next()] as const;
      const name = random.pick(['min', 'max'] as const);
      const text = `${name}(${parts[0].text}, ${parts[1].text})`;
      return combined(parts, text, (one, other) => Math[name](one, other));
    }
    case 3: {
      const sign = random.pick([1, -1]);
      const parts = [next(), source.duration(depth - 1)] as const;
      const text = `(${parts[0].text} ${sign === 1 ? '+' : '-'} ${parts[1].text})`;
      return combined(parts, text, (date, ms) => dateOrNull(date + sign * ms));
    }
    default: {
      const sign = random.pick([1, -1]);
      const parts = [next(), source.days(depth - 1)] as const;
      const text = `(${parts[0].text} ${sign === 1 ? '+' : '-'} ${parts[1].text})`;
      return combined(parts, text, (date, days, { timeZone }) =>
        plusDays(date, sign * days, timeZone),
      );
    }
  }
}

function leaf({ random, computed }: NaiveSource): Naive<number> {
  if (computed.date.length > 0 && random.chance(20)) return random.pick(computed.date);
  if (random.chance(20)) return { text: 'now', value: ({ nowMs }) => nowMs };
  if (random.chance(15)) {
    const day = random.pick(sampleDays);
    return { text: `date("${day}")`, value: ({ timeZone }) => startOfDay(day, timeZone) };
  }
  if (random.chance(15)) {
    const time = random.pick(sampleTimes);
    return constant(`timestamp("${time}")`, Date.parse(time));
  }
  const name: NaiveField = random.pick(['seen', 'born'] as const);
  return { text: name, value: (contact) => msOf(fieldValue(contact, name), contact.timeZone) };
}

export function naiveDuration(source: NaiveSource, depth: number): Naive<number> {
  const { random } = source;
  if (depth === 0 || random.chance(60)) {
    const [text, ms] = random.pick([
      ['24h', 86_400_000],
      ['1h30m', 5_400_000],
      ['-23h', -82_800_000],
      ['90m', 5_400_000],
      ['250ms', 250],
      ['1s500ms', 1_500],
    ] as const);
    return constant(`duration("${text}")`, ms);
  }
  const parts = [source.date(depth - 1), source.date(depth - 1)] as const;
  return combined(parts, `(${parts[0].text} - ${parts[1].text})`, (one, other) => one - other);
}

export function naiveDays(source: NaiveSource, depth: number): Naive<number> {
  const { random } = source;
  if (depth === 0 || random.chance(60)) {
    const days = random.pick([0, 1, 2, 90, 365, -1, 4_000_000]);
    return constant(`days(${days})`, days);
  }
  const whole = source.number(depth - 1, true);
  return applied(whole, `days(${whole.text})`, (value) => value);
}
