/** No run of any dataset yet, and the next step. */
import { Link } from '@tanstack/react-router';
import { useMay } from '../session/session-context.tsx';
import { EmptyState } from './empty-state.tsx';
import { FirstDataset } from './next-step.tsx';

interface NoRunsParts {
  readonly hasDatasets: boolean;
  /** Whether the page has the button of the first step elsewhere. */
  readonly isSecond?: boolean;
}

export function NoRuns({ hasDatasets, isSecond = false }: NoRunsParts) {
  const seesDatasets = useMay('datasets:read');
  return (
    <EmptyState title="No run yet">
      <span>A run brings in the rows of a dataset.</span>
      {!hasDatasets && <FirstDataset isSecond={isSecond} />}
      {hasDatasets && seesDatasets && <Link to="/datasets">Go to the datasets</Link>}
    </EmptyState>
  );
}
