/** The values of a chart as a table. */

import { reachable } from './reachable.ts';
import styles from './time-chart.module.css';
import type { TimeChartParts } from './time-chart-parts.ts';

export function ChartTable({ label, times, series, timeWords, valueWords }: TimeChartParts) {
  return (
    <section className={styles.tablePlace} {...reachable} aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((one) => (
              <th key={one.label} scope="col">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((seconds, place) => (
            <tr key={seconds}>
              <th scope="row">{timeWords(seconds)}</th>
              {series.map(({ label: name, values }) => {
                const value = values[place];
                return (
                  <td key={name}>
                    {value === null || value === undefined ? '–' : valueWords(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
