/** A few contacts that a waiting run would change: what they have now, and what they would have. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { AnswerOf } from '../../../api/operation-types.ts';
import type { Run } from '../../../api/page-entries.ts';
import { Badge, type Tone } from '../../../parts/badge.tsx';
import { FieldValue } from '../../../parts/field-value.tsx';
import { type FoldColumn, FoldTable } from '../../../parts/fold-table.tsx';
import { contactWords, dots } from '../../../parts/identity-chip.tsx';
import table from '../../../parts/plain-table.module.css';
import { useMay } from '../../../session/session-context.tsx';
import { useFields } from '../../fields/use-fields.ts';
import styles from './guard-panel.module.css';

type Examples = AnswerOf<'GET /admin/v1/runs/{id}/examples'>;
type Example = Examples['data'][number];
type Plan = NonNullable<Run['plan']>;

/** Each call is noted in the access log, so nothing asks again by itself. */
export function PlanExamples({ runId, plan }: { readonly runId: string; readonly plan: Plan }) {
  const { data } = useQuery<Examples, ApiProblem>({
    queryKey: ['plan-examples', runId],
    queryFn: ({ signal }) =>
      call('GET /admin/v1/runs/{id}/examples', { params: { id: runId } }, signal),
    enabled: useMay('contacts:read'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: keptMs,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (data === undefined) return null;
  const { would_change, would_clear, would_vanish } = plan;
  if (data.data.length === 0) {
    return (
      would_change + would_clear + would_vanish > 0 && (
        <p className={styles.noExamples}>
          There are no examples any more: they are deleted when anybody is erased.
        </p>
      )
    );
  }
  return (
    <div className={styles.examples}>
      <FoldTable
        columns={columns}
        entries={data.data}
        // Of one run, the examples keep their places, and masked ones may be alike.
        keyOf={(_example, place) => String(place)}
      />
    </div>
  );
}

const columns: readonly FoldColumn<Example>[] = [
  { id: 'who', head: 'Examples', cell: (example) => <Who example={example} /> },
  {
    ...{ id: 'field', head: 'Field', folds: true },
    cell: ({ field }) => (field === null ? 'the row' : <code>{field}</code>),
  },
  { id: 'now', head: 'Now', cell: (example) => <Now example={example} /> },
  { id: 'then', head: 'Would be', cell: (example) => <Effect example={example} /> },
];

/** Values of people stay in memory no longer than this after the page was left. */
const keptMs = 60_000;

function Effect({ example: { effect } }: { readonly example: Example }) {
  const { tone, words } = effects[effect] ?? { tone: 'quiet', words: effect };
  return <Badge tone={tone}>{words}</Badge>;
}

function Who({
  example: { contact_id: id, display_name: name, identity },
}: {
  readonly example: Example;
}) {
  const words = contactWords({ id, name, identity });
  if (id === null) return words;
  return (
    <Link className={table.name} to="/contacts/$id" params={{ id }}>
      {words}
    </Link>
  );
}

function Now({ example: { field, masked, value } }: { readonly example: Example }) {
  const { data } = useFields();
  if (field === null) return 'all its values';
  if (masked) {
    return (
      <span role="img" aria-label={`${field} is masked`}>
        {dots}
      </span>
    );
  }
  return <FieldValue value={value} field={data?.find(({ name }) => name === field)} />;
}

const effects: Readonly<
  Record<Example['effect'], { readonly tone: Tone; readonly words: string }>
> = {
  changed: { tone: 'good', words: 'another value' },
  cleared: { tone: 'bad', words: 'empty' },
  gone: { tone: 'bad', words: 'row gone' },
};
