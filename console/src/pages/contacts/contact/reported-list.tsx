/** Journeys, campaigns and segments that other tools reported. */

import { itemWords } from '../../../parts/field-value.tsx';
import { MembershipBadge } from '../../../parts/membership-badge.tsx';
import styles from './memberships-card.module.css';
import type { Explanation } from './use-contact.ts';

export function ReportedList({ contact }: { readonly contact: Explanation }) {
  const reported = contact.fields.filter(({ from }) => from === 'reported');
  return reported.flatMap(({ field, value }) =>
    (Array.isArray(value) ? value : []).map((item) => {
      const name = itemWords(item);
      return (
        <section className={styles.membership} key={`${field} ${name}`} aria-label={name}>
          <span className={styles.mark} data-kind="reported" />
          <h3>
            {name} <span className={styles.note}>{kindWords(field)}</span>
          </h3>
          <MembershipBadge state={{ kind: 'reported', words: 'Reported' }} />
        </section>
      );
    }),
  );
}

/** `journey_membership` becomes `journey`. */
function kindWords(field: string): string {
  return field.replace(/_(?:membership|received)$/, '').replaceAll('_', ' ');
}
