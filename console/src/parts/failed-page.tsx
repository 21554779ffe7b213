/** A page that could not be shown at all. */
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { problemOf } from '../api/api-problem.ts';
import { PageHead } from './page-head.tsx';
import { ProblemCard } from './problem-card.tsx';

export function FailedPage({
  error,
  reset,
}: {
  readonly error: unknown;
  readonly reset: () => void;
}) {
  const boundary = useQueryErrorResetBoundary();
  const isOld = problemOf(error).code === 'console_updated';
  const again = () => {
    if (isOld) window.location.reload();
    boundary.reset();
    reset();
  };
  return (
    <div style={{ padding: 'var(--page-margin)', maxWidth: 720 }}>
      <PageHead title="This page is not here right now" />
      <ProblemCard error={error} onRetry={again} retryLabel={isOld ? 'Reload' : 'Try again'} />
    </div>
  );
}
