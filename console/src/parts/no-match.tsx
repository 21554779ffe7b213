/** A list without a match to its filters, and the way out. */
import { Button } from '@mantine/core';
import { EmptyState } from './empty-state.tsx';

export function NoMatch({
  title,
  onClear,
}: {
  readonly title: string;
  readonly onClear: () => void;
}) {
  return (
    <EmptyState title={title}>
      <Button onClick={onClear}>Clear filters</Button>
    </EmptyState>
  );
}
