/** How often contacts were looked at in the last 30 days, by programs and by people. */
import { useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { AnswerOf } from '../../api/operation-types.ts';
import { useFormats } from '../../format/use-formats.ts';
import { reachable } from '../../parts/reachable.ts';
import { Skeleton } from '../../parts/skeleton.tsx';
import styles from './looks-band.module.css';

type Days = AnswerOf<'GET /admin/v1/access-log/days'>;

/** The server counts every ten seconds. */
const askedMs = 30_000;

export function LooksBand() {
  const { data } = useQuery<Days, ApiProblem>({
    queryKey: ['access-days'],
    queryFn: ({ signal }) => call('GET /admin/v1/access-log/days', {}, signal),
    refetchInterval: askedMs,
  });
  return (
    <section className={styles.band} aria-label="Looks in 30 days">
      <dl className={styles.figures}>
        <Figure label="Looks in 30 days" mark="programs" value={data?.looks} />
        <Figure label="By people" mark="people" value={data?.by_users} />
        <Figure label="Reveals" value={data?.reveals} />
      </dl>
      {data !== undefined && <Bars days={data.days} />}
    </section>
  );
}

function Figure({
  label,
  mark,
  value,
}: {
  readonly label: string;
  readonly mark?: 'programs' | 'people';
  readonly value: number | undefined;
}) {
  const formats = useFormats();
  return (
    <div className={styles.figure}>
      <dt data-mark={mark}>{label}</dt>
      <dd>{value === undefined ? <Skeleton width={56} /> : formats.count(value)}</dd>
    </div>
  );
}

function Bars({ days }: Pick<Days, 'days'>) {
  const formats = useFormats();
  const most = Math.max(1, ...days.map(({ looks }) => looks));
  const first = days.at(0)?.day;
  const last = days.at(-1)?.day;
  return (
    <div className={styles.chart}>
      <div className={styles.bars} aria-hidden>
        {days.map(({ day, looks, by_users }) => (
          <span
            className={styles.bar}
            key={day}
            title={`${formats.day(day)}: ${formats.count(looks)}, by people ${formats.count(by_users)}`}
          >
            <span className={styles.people} style={heightOf(by_users, most)} />
            <span className={styles.programs} style={heightOf(looks - by_users, most)} />
          </span>
        ))}
      </div>
      <p className={styles.ends}>
        {first !== undefined && <span>{formats.day(first)}</span>}
        {last !== undefined && <span>{formats.day(last)}</span>}
      </p>
      <details>
        <summary>As a table</summary>
        <section className={styles.tablePlace} {...reachable} aria-label="Looks by day">
          <table>
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Looks</th>
                <th scope="col">By people</th>
                <th scope="col">Reveals</th>
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map(({ day, looks, by_users, reveals }) => (
                <tr key={day}>
                  <th scope="row">{formats.day(day)}</th>
                  <td>{formats.count(looks)}</td>
                  <td>{formats.count(by_users)}</td>
                  <td>{formats.count(reveals)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </div>
  );
}

/** A few looks beside many still show as a line. */
function heightOf(looks: number, most: number) {
  return { height: looks === 0 ? 0 : `max(2px, ${(looks / most) * 100}%)` };
}
