/**
 * A log that comes in pages, the newest first: what is read, what is there, what does not match,
 * and the way to older entries.
 */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../format/use-formats.ts';
import { Card } from './card.tsx';
import { EmptyState } from './empty-state.tsx';
import styles from './log-card.module.css';
import { NoMatch } from './no-match.tsx';
import { ProblemCard } from './problem-card.tsx';
import { SkeletonRows } from './skeleton.tsx';

export interface LogPages<Entry> {
  /** `undefined`: the first page is being read. */
  readonly entries: readonly Entry[] | undefined;
  readonly error: unknown;
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly onMore: () => void;
  readonly onRetry: () => void;
}

interface LogCardParts<Entry> {
  readonly title: string;
  readonly log: LogPages<Entry>;
  readonly isFiltered: boolean;
  readonly onClear: () => void;
  /** What is shown as long as nothing was ever noted. */
  readonly empty: ReactNode;
  /** How long entries are kept. */
  readonly kept?: ReactNode;
  readonly children: (entries: readonly Entry[]) => ReactNode;
}

export function LogCard<Entry>({ title, log, kept, children, ...words }: LogCardParts<Entry>) {
  const formats = useFormats();
  const { entries, error, hasMore, isReading, onMore, onRetry } = log;
  if (error !== null) return <ProblemCard error={error} onRetry={onRetry} />;
  const older = (
    <Button loading={isReading} onClick={onMore}>
      Older
    </Button>
  );
  if (entries === undefined) {
    return (
      <Card title={title}>
        <SkeletonRows count={8} />
      </Card>
    );
  }
  const shown = `${formats.count(entries.length)} shown, the newest first${hasMore ? '' : '; no older ones'}`;
  const foot = (
    <span className={styles.foot}>
      <span>{shown}</span>
      {kept !== undefined && <span>{kept}</span>}
    </span>
  );
  return (
    <Card title={title} foot={foot} actions={hasMore && older}>
      {entries.length > 0 ? children(entries) : <Nothing {...words} hasMore={hasMore} />}
    </Card>
  );
}

function Nothing({
  hasMore,
  isFiltered,
  onClear,
  empty,
}: Pick<LogCardParts<never>, 'isFiltered' | 'onClear' | 'empty'> & { readonly hasMore: boolean }) {
  if (hasMore) {
    return (
      <EmptyState title="No match so far">Older entries may match. Go on with “Older”.</EmptyState>
    );
  }
  if (!isFiltered) return empty;
  return <NoMatch title="No entry matches these filters" onClear={onClear} />;
}
