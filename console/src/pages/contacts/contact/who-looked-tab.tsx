/** All looks at a contact: who, what, which fields, from where, when. Never the values. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useFormats } from '../../../format/use-formats.ts';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { LooksTable } from '../../../parts/looks-table.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { useLooks } from './use-looks.ts';

export function WhoLookedTab({ id }: { readonly id: string }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useLooks(id);
  const formats = useFormats();
  if (data === undefined) {
    if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
    return (
      <Card title="Who looked">
        <SkeletonRows count={6} />
      </Card>
    );
  }
  const looks = data.pages.flatMap((page) => page.data);
  return (
    <Card
      title="Who looked"
      note="at whom, and at which fields. Never the values."
      foot={`${formats.count(looks.length)} shown, the newest first`}
      actions={
        <>
          <Link to="/access" search={{ contact: id }}>
            In the access log
          </Link>
          {hasNextPage && (
            <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              Older
            </Button>
          )}
        </>
      }
    >
      {looks.length === 0 ? (
        <EmptyState title="Nobody has looked yet" />
      ) : (
        <LooksTable looks={looks} />
      )}
    </Card>
  );
}
