/** Who still uses a token that ends soon. */
import { Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { AnswerOf } from '../../api/operation-types.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import dialog from '../../parts/dialog.module.css';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
import table from '../../parts/plain-table.module.css';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import type { Overview } from '../../parts/use-overview.ts';

type Usage = AnswerOf<'GET /admin/v1/usage'>;
type Client = NonNullable<Usage['data'][number]['clients']>[number];

interface CallersParts {
  readonly token: Overview['waiting']['tokens'][number];
  readonly onClose: () => void;
}

export function CallersDialog({ token, onClose }: CallersParts) {
  const { id, name, last_characters, expires_at } = token;
  const formats = useFormats();
  const nowMs = useNow();
  const { data, error, refetch } = useQuery<Usage, ApiProblem>({
    queryKey: ['usage', 'callers', id],
    queryFn: ({ signal }) =>
      call('GET /admin/v1/usage', { query: { ref: id, by: 'day', details: true } }, signal),
    // Addresses of clients must not stay in memory.
    gcTime: 0,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Who calls with ${name ?? 'a token'} …${last_characters}`}
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={dialog.form}>
        <p className={dialog.words}>
          {`The token ends ${formats.whenInText(expires_at, nowMs)}. These clients called since yesterday; give them another token before.`}
        </p>
        {error !== null && <ProblemCard error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <SkeletonRows count={3} />}
        {data !== undefined && <Clients clients={sumUp(data)} />}
        <div className={dialog.buttons}>
          <Button data-autofocus onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function Clients({ clients }: { readonly clients: readonly Client[] }) {
  const formats = useFormats();
  if (clients.length === 0) return <p>Nobody has called since yesterday.</p>;
  const columns: readonly FoldColumn<Client>[] = [
    { id: 'address', head: 'Address', cell: ({ address }) => <code>{address}</code> },
    {
      ...{ id: 'program', head: 'Program', folds: true },
      cell: ({ user_agent: program }) =>
        program === '' ? <span className={table.third}>not said</span> : program,
    },
    {
      ...{ id: 'calls', head: 'Calls', isNumber: true },
      cell: ({ calls }) => formats.count(calls),
    },
  ];
  return (
    <FoldTable
      columns={columns}
      entries={clients}
      keyOf={({ address, user_agent: program }) => `${address} ${program}`}
    />
  );
}

/** Over all days, the most frequent first. */
function sumUp({ data }: Usage): readonly Client[] {
  const sums = new Map<string, Client>();
  for (const client of data.flatMap(({ clients }) => clients ?? [])) {
    const key = `${client.address} ${client.user_agent}`;
    const known = sums.get(key);
    sums.set(key, { ...client, calls: client.calls + (known?.calls ?? 0) });
  }
  return [...sums.values()].toSorted((one, other) => other.calls - one.calls);
}
