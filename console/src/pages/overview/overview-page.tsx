/** Is all well, and does anything wait for me? */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';
import { Card } from '../../parts/card.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { useMay } from '../../session/session-context.tsx';

export function OverviewPage() {
  const seesDatasets = useMay('datasets:read');
  return (
    <>
      <PageHead title="Overview" />
      {seesDatasets && <DatasetsCard />}
    </>
  );
}

function DatasetsCard() {
  const { data, error, refetch } = useQuery({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => call('GET /admin/v1/datasets', {}, signal),
  });
  if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
  return (
    <Card title="Datasets">
      {data === undefined ? (
        <SkeletonRows count={5} />
      ) : (
        <ul>
          {data.data.map(({ name }) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}
