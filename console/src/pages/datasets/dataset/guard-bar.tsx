/** The contacts of a dataset as one bar: what a run would do to them, and how much it may. */
import type { Run } from '../../../api/page-entries.ts';
import { useFormats } from '../../../format/use-formats.ts';
import styles from './guard-panel.module.css';

type Plan = NonNullable<Run['plan']>;

export function GuardBar({ plan }: { readonly plan: Plan }) {
  const formats = useFormats();
  const total = plan.contacts_before;
  const parts = partsOf(plan);
  const limit = Math.min(1, plan.max_share);
  return (
    <div>
      <h3>{`Of ${formats.count(total)} contacts`}</h3>
      <p className={styles.limitWords} style={{ paddingLeft: `${Math.min(limit, 0.6) * 100}%` }}>
        allowed without approval, <strong>{formats.percent(plan.max_share, 0)}</strong>
      </p>
      <div className={styles.bar} aria-hidden>
        {parts.map(({ label, count, part }) => (
          <span
            key={label}
            data-part={part}
            style={{ width: `${total === 0 ? 0 : (count / total) * 100}%` }}
          />
        ))}
        <i className={styles.limit} style={{ left: `${limit * 100}%` }} />
      </div>
      <dl className={styles.parts}>
        {parts.map(({ label, count, part }) => (
          <div key={label}>
            <dt>
              <span className={styles.key} data-part={part} aria-hidden />
              {label}
            </dt>
            <dd>
              <strong>{formats.count(count)}</strong>
              <span>{formats.percent(total === 0 ? 0 : count / total)}</span>
            </dd>
          </div>
        ))}
      </dl>
      {plan.would_add > 0 && (
        <p className={styles.note}>{`And ${formats.count(plan.would_add)} new contacts.`}</p>
      )}
    </div>
  );
}

function partsOf(plan: Plan) {
  const { contacts_before: total, would_change, would_clear, would_vanish } = plan;
  const same = Math.max(0, total - would_change - would_clear - would_vanish);
  return [
    { label: 'Change', count: would_change, part: 'change' },
    { label: 'Lose a value', count: would_clear, part: 'clear' },
    { label: 'Row gone', count: would_vanish, part: 'vanish' },
    { label: 'Same', count: same, part: 'same' },
  ];
}
