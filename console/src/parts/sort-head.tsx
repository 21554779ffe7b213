/** The head of a column. One that can be sorted is a button. */
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import styles from './data-table.module.css';

interface HeadParts {
  readonly column: {
    readonly head: string;
    readonly sortBy?: unknown;
    readonly isNumber?: boolean | undefined;
    readonly width?: string;
  };
  readonly sorted: false | 'asc' | 'desc';
  readonly onSort: () => void;
}

export function SortHead({ column, sorted, onSort }: HeadParts) {
  const { head, sortBy, isNumber, width } = column;
  const Icon = sorted === 'asc' ? IconChevronUp : IconChevronDown;
  return (
    <th
      scope="col"
      data-number={isNumber}
      style={{ '--column': width ?? 'auto' } as CSSProperties}
      aria-sort={sorted === false ? undefined : sorted === 'asc' ? 'ascending' : 'descending'}
    >
      {sortBy === undefined ? (
        head
      ) : (
        <button className={styles.sort} type="button" onClick={onSort}>
          {head}
          {sorted !== false && <Icon size={14} stroke={1.6} aria-hidden />}
        </button>
      )}
    </th>
  );
}
