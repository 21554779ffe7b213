/** A dot and an age; past the maximum also the age that is allowed. */
import { ageWords } from '../format/ages.ts';
import { useNow } from '../format/use-formats.ts';
import { Dot } from './badge.tsx';
import { ExactTime } from './exact-time.tsx';
import styles from './freshness-badge.module.css';

interface FreshnessParts {
  /** How fresh the values are; `null`: no run has finished, or it is not known. */
  readonly asOf: string | null;
  /** `null`: any age is allowed. */
  readonly maxAgeMs: number | null;
  /** Whether values that are too old are answered as null. */
  readonly isWithheld?: boolean;
  /** Whether the words also say the age that is allowed. */
  readonly isShort?: boolean;
}

export function FreshnessBadge({ asOf, maxAgeMs, isWithheld, isShort }: FreshnessParts) {
  const nowMs = useNow();
  if (asOf === null)
    return (
      <span className={styles.freshness}>
        <Dot tone="quiet" />
        never
      </span>
    );
  const ageMs = Math.max(0, nowMs - Date.parse(asOf));
  const isOld = maxAgeMs !== null && ageMs > maxAgeMs;
  const tone = isWithheld === true ? 'bad' : isOld ? 'decide' : 'good';
  const limit = isWithheld === true ? ', withheld' : `, ${ageWords(maxAgeMs ?? 0)} allowed`;
  return (
    <ExactTime time={asOf}>
      <span className={styles.freshness} data-tone={tone}>
        <Dot tone={tone} />
        {ageWords(ageMs)}
        {(isOld || isWithheld === true) && isShort !== true && limit}
      </span>
    </ExactTime>
  );
}
