/** What a run would do that stopped before writing, and the decision. */
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { WaitCause } from '@usher/contract/wait-cause-schema';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { Run } from '../../../api/page-entries.ts';
import type { Formats } from '../../../format/formats.ts';
import { useFormats } from '../../../format/use-formats.ts';
import { announce } from '../../../parts/announcer.tsx';
import { type SaidCause, saidCauses } from '../../../parts/cause-words.ts';
import { notify } from '../../../parts/notice.tsx';
import { ProblemLine } from '../../../parts/problem-line.tsx';
import { useMay } from '../../../session/session-context.tsx';
import { readAgain, useDatasets } from '../use-datasets.ts';
import { GuardBar } from './guard-bar.tsx';
import styles from './guard-panel.module.css';
import { PlanExamples } from './plan-examples.tsx';

export function GuardPanel({ run }: { readonly run: Run }) {
  return run.plan === null ? null : <Panel run={run} plan={run.plan} />;
}

function Panel({ run, plan }: { readonly run: Run; readonly plan: Plan }) {
  const formats = useFormats();
  const { run_id: id } = run;
  const more = untold(plan, formats);
  return (
    <section className={styles.panel} aria-label={`Run ${id.slice(0, 4)} waits`}>
      <header className={styles.head}>
        <IconAlertTriangle size={20} stroke={1.6} aria-hidden />
        <div className={styles.words}>
          <h2>{headline(run, plan, formats)}</h2>
          <p>Nothing is written. Look-ups still answer the values of before.</p>
        </div>
        <Decision run={run} />
      </header>
      <div className={styles.body}>
        <GuardBar plan={plan} />
        <Losses plan={plan} />
      </div>
      <PlanExamples runId={id} plan={plan} />
      {more.length > 0 && (
        <ul className={styles.reasons}>
          {more.map(({ words }) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      <footer className={styles.foot}>
        <span>{`Counted from the ${formats.count(run.rows_read)} rows of the source.`}</span>
        {run.rejected > 0 && (
          <Link to="." search={{ tab: 'rejected', run: id }}>
            {`${formats.count(run.rejected)} rejected rows`}
          </Link>
        )}
      </footer>
    </section>
  );
}

type Plan = NonNullable<Run['plan']>;

/** What neither the bar nor the list of losses says. */
function untold(plan: Plan, formats: Formats): readonly SaidCause[] {
  const listed = new Set(shownLosses(plan).map(({ field }) => field));
  return saidCauses(plan, formats).filter(({ cause }) => {
    if (cause?.code === 'field_emptied') return !listed.has(cause.field);
    return cause?.code !== 'contacts_change';
  });
}

const headlines: Readonly<Record<WaitCause['code'], string>> = {
  contacts_change: 'would change contacts',
  source_empty: 'read no rows',
  files_empty: 'read files without rows',
  field_emptied: 'would empty fields',
  rows_rejected: 'would reject many rows',
  contacts_joined: 'would join contacts',
};

function headline({ run_id }: Run, { causes = [] }: Plan, formats: Formats): string {
  const name = `Run ${run_id.slice(0, 4)}`;
  const [cause] = causes;
  if (cause?.code === 'contacts_change')
    return `${name} would change ${formats.percent(cause.share)} of the contacts`;
  return `${name} ${(cause && headlines[cause.code]) ?? 'waits'}`;
}

function Decision({ run }: { readonly run: Run }) {
  const mayDecide = useMay('runs:approve');
  const client = useQueryClient();
  const { run_id: id, dataset } = run;
  const isUpload = useDatasets().data?.find((one) => one.dataset === dataset)?.source === 'upload';
  const gone = isUpload ? ' The uploaded file is deleted. Upload it again to run it.' : '';
  const decide = useMutation<unknown, ApiProblem, 'approve' | 'reject'>({
    mutationFn: (verdict) =>
      verdict === 'approve'
        ? call('POST /admin/v1/runs/{id}/approve', { params: { id } })
        : call('POST /admin/v1/runs/{id}/reject', { params: { id } }),
    onSuccess: (_run, verdict) => {
      if (verdict === 'approve') announce('Approved');
      else notify({ words: `Run ${id.slice(0, 4)} is rejected: nothing is written.${gone}` });
    },
    onSettled: () => readAgain(client, dataset),
  });
  if (!mayDecide) return <p className={styles.note}>An engineer or an admin decides.</p>;
  return (
    <div className={styles.buttons}>
      {decide.error !== null && <ProblemLine error={decide.error} />}
      <Button
        loading={decide.isPending && decide.variables === 'reject'}
        onClick={() => decide.mutate('reject')}
      >
        Reject
      </Button>
      <Button
        variant="filled"
        loading={decide.isPending && decide.variables === 'approve'}
        onClick={() => decide.mutate('approve')}
      >
        Approve
      </Button>
    </div>
  );
}

/** The fields that lose most. */
function Losses({ plan }: { readonly plan: Plan }) {
  const formats = useFormats();
  const losses = shownLosses(plan);
  return (
    <div className={styles.losses}>
      <h3>Fields that lose values</h3>
      {losses.length === 0 && <p className={styles.note}>No field loses a value.</p>}
      {losses.map(({ field, before, after }) => {
        const share = before === 0 ? 0 : after / before;
        return (
          <div key={field} className={styles.loss} data-tone={share < 0.5 ? 'bad' : 'quiet'}>
            <code>{field}</code>
            <span>
              {formats.count(before)} <span aria-hidden>→</span>
              <span className={styles.hidden}> to </span> <strong>{formats.count(after)}</strong>
            </span>
            <span className={styles.share}>{`−${formats.percent(1 - share)}`}</span>
            <span className={styles.meter} aria-hidden>
              <span className={styles.fill} style={{ width: `${share * 100}%` }} />
            </span>
          </div>
        );
      })}
      {plan.field_losses.length > losses.length && (
        <p className={styles.note}>
          {`And ${formats.count(plan.field_losses.length - losses.length)} more fields.`}
        </p>
      )}
      <p className={styles.note}>
        No field may lose more than half of its values without approval.
      </p>
    </div>
  );
}

function shownLosses({ field_losses: losses }: Plan): Plan['field_losses'] {
  return losses.slice(0, maxShownLosses);
}

const maxShownLosses = 12;
