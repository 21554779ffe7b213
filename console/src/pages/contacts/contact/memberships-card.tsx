/** What a contact is in, and why: the clauses of each rule, and each draw. */
import { Link } from '@tanstack/react-router';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { MembershipBadge } from '../../../parts/membership-badge.tsx';
import { NextStep } from '../../../parts/next-step.tsx';
import { ClauseLine } from './clause-line.tsx';
import { isIn, leftOutWords, listMemberships, type Membership } from './list-memberships.ts';
import styles from './memberships-card.module.css';
import { ReportedList } from './reported-list.tsx';
import { SlotRulers } from './slot-ruler.tsx';
import type { Explanation, Field } from './use-contact.ts';

interface MembershipsParts {
  readonly contact: Explanation;
  readonly fields: ReadonlyMap<string, Field>;
  /** Whether everything is shown, with the rulers; else those that the contact is in, and a few. */
  readonly isWhole: boolean;
}

export function MembershipsCard({ contact, fields, isWhole }: MembershipsParts) {
  const all = listMemberships(contact);
  const shown = isWhole ? all : shortList(all);
  const left = all.length - shown.length;
  return (
    <Card
      title="Memberships"
      note="computed now, and why"
      foot={
        left > 0 ? (
          <Link to="." search={{ tab: 'memberships' }}>
            {left} more
          </Link>
        ) : undefined
      }
    >
      {shown.map((membership) => (
        <MembershipItem
          key={membership.key}
          membership={membership}
          fields={fields}
          isWhole={isWhole}
        />
      ))}
      <ReportedList contact={contact} />
      {all.length === 0 && (
        <EmptyState title="There is no segment and no flow yet">
          <span>A segment is a rule over contacts. A flow splits a segment into variants.</span>
          <NextStep permission="definitions:write" who="a marketer" step="define one">
            <a href="/docs/segments">How to define a segment</a>
          </NextStep>
        </EmptyState>
      )}
    </Card>
  );
}

/** Those that the contact is in, without segments that a flow shows; then some others. */
function shortList(all: readonly Membership[]): readonly Membership[] {
  const followed = new Set(all.map(({ flow }) => flow?.segment));
  const own = all.filter(({ flow, name }) => flow !== undefined || !followed.has(name));
  const members = own.filter(isIn);
  return [...members, ...own.filter((one) => !isIn(one)).slice(0, maxOthers)];
}

const maxOthers = 2;

function MembershipItem({
  membership,
  fields,
  isWhole,
}: {
  readonly membership: Membership;
  readonly fields: ReadonlyMap<string, Field>;
  readonly isWhole: boolean;
}) {
  const { name, note, state, clauses, flow } = membership;
  const clausesShown = isIn(membership) || isWhole ? clauses : falseFirst(clauses).slice(0, 1);
  const leftOut = flow === undefined ? '' : leftOutWords(flow);
  return (
    <section className={styles.membership} aria-label={name}>
      <span className={styles.mark} data-kind={state.kind} data-place={placeOf(membership)} />
      <h3>
        {name} <span className={styles.note}>{note}</span>
      </h3>
      <MembershipBadge state={state} />
      <ul className={styles.clauses}>
        {clausesShown.map((clause) => (
          <ClauseLine key={clause.rule} clause={clause} fields={fields} />
        ))}
        {leftOut !== '' && <li className={styles.words}>{leftOut}</li>}
      </ul>
      {flow?.is_in_segment === true && <SlotRulers flow={flow} isWhole={isWhole} />}
    </section>
  );
}

function placeOf({ state }: Membership): number | undefined {
  return state.kind === 'variant' ? state.place % 3 : undefined;
}

function falseFirst(clauses: Membership['clauses']): Membership['clauses'] {
  return clauses.toSorted((one, other) => Number(one.is_true) - Number(other.is_true));
}
