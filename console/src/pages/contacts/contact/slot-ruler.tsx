/** Each draw of a flow: in words, and on a ruler from 0 to 9,999. */
import { IconArrowRight } from '@tabler/icons-react';
import { useFormats } from '../../../format/use-formats.ts';
import type { ExplainedFlow } from './list-memberships.ts';
import styles from './memberships-card.module.css';

const slotCount = 10_000;

type Range = readonly [first: number, last: number];

interface RulerPart {
  readonly label: string;
  /** A colour's place, or `held` for what is held out. */
  readonly series: string;
  readonly ranges: readonly Range[];
}

export function SlotRulers({
  flow,
  isWhole,
}: {
  readonly flow: ExplainedFlow;
  readonly isWhole: boolean;
}) {
  const { slot, variants } = flow;
  const formats = useFormats();
  if (slot === null || variants === null) return null;
  const parts = partsOf(flow);
  const owner = parts.find(({ ranges }) => ranges.some(([from, to]) => slot >= from && slot <= to));
  return (
    <div className={styles.draws}>
      <p className={styles.draw}>
        <IconArrowRight className={styles.arrow} size={16} stroke={1.6} aria-hidden />
        <span>
          Draw <strong>{formats.count(slot)}</strong> of {formats.count(slotCount)}
          {owner !== undefined && `; ${owner.label} holds ${rangeWords(owner, formats.count)}`}
        </span>
      </p>
      {isWhole && <Ruler slot={slot} parts={parts} count={formats.count} />}
    </div>
  );
}

function Ruler({
  slot,
  parts,
  count,
}: {
  readonly slot: number;
  readonly parts: readonly RulerPart[];
  readonly count: (value: number) => string;
}) {
  const edge = slot < edgeSlots ? 'start' : slot > slotCount - edgeSlots ? 'end' : undefined;
  return (
    <div aria-hidden>
      <div className={styles.ruler}>
        <div className={styles.bar}>
          {parts.flatMap(({ label, series, ranges }) =>
            ranges.map(([from, to]) => (
              <span
                key={`${label} ${from}`}
                className={styles.part}
                data-series={series}
                style={{ left: share(from), width: share(to - from + 1) }}
              />
            )),
          )}
        </div>
        <span className={styles.needle} data-edge={edge} style={{ left: share(slot) }}>
          <span>{count(slot)}</span>
        </span>
      </div>
      <p className={styles.legend}>
        {parts.map((part) => (
          <span key={part.label}>
            {part.label}, {rangeWords(part, count)}
          </span>
        ))}
      </p>
    </div>
  );
}

/** Where the words above the needle would leave the ruler. */
const edgeSlots = 400;

function share(slots: number): string {
  return `${(slots / slotCount) * 100}%`;
}

/** The held-out slots are taken from the variants, so each slot is in one part. */
function partsOf({ variants, held_out }: ExplainedFlow): RulerPart[] {
  const held = readRanges(held_out);
  const own = (variants ?? []).map(({ name, slots }, place) => ({
    label: name,
    series: String(place % 3),
    ranges: readRanges(slots).flatMap((range) => without(range, held)),
  }));
  return held.length === 0 ? own : [...own, { label: 'Held out', series: 'held', ranges: held }];
}

/** What is left of a range when others are taken from it. */
function without(range: Range, [taken, ...others]: readonly Range[]): readonly Range[] {
  if (taken === undefined) return [range];
  const [first, last] = range;
  const left: readonly Range[] = [
    [first, Math.min(last, taken[0] - 1)],
    [Math.max(first, taken[1] + 1), last],
  ];
  return left.filter(([from, to]) => from <= to).flatMap((one) => without(one, others));
}

/** `0-4499, 5000` as pairs. */
function readRanges(text: string): Range[] {
  return text.split(',').flatMap((range) => {
    const [first = '', last = first] = range.trim().split('-');
    return first === '' ? [] : [[Number(first), Number(last)] as const];
  });
}

function rangeWords({ ranges }: RulerPart, count: (value: number) => string): string {
  return ranges
    .map(([from, to]) => (from === to ? count(from) : `${count(from)} to ${count(to)}`))
    .join(' and ');
}
