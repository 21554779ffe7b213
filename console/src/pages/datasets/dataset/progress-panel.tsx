/** A run that goes on: its four steps, and how far the present one is. It is read each second. */
import type { Run } from '../../../api/page-entries.ts';
import { ageWords } from '../../../format/ages.ts';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { Card } from '../../../parts/card.tsx';
import styles from './dataset.module.css';

/** What the server calls the steps, and what people do. */
const steps = [
  { phases: ['fetching', 'reading'], word: 'Read' },
  { phases: ['comparing'], word: 'Compare' },
  { phases: ['measuring'], word: 'Check' },
  { phases: ['applying'], word: 'Apply' },
] as const;

export function ProgressPanel({ run }: { readonly run: Run }) {
  const nowMs = useNow();
  const name = `Run ${run.run_id.slice(0, 4)}`;
  const forMs = Math.max(0, nowMs - Date.parse(run.started_at));
  const isApproved = run.state === 'waiting';
  return (
    <Card
      title={isApproved ? `${name} is approved` : `${name} goes on`}
      note={isApproved ? 'It is applied within seconds.' : `for ${ageWords(forMs)}`}
    >
      <div className={styles.progress}>
        <Bar progress={run.progress} />
        <Steps phase={run.progress?.phase} />
      </div>
    </Card>
  );
}

/** Without a known size there is a count, and neither a bar nor an estimate. */
function Bar({ progress }: { readonly progress: Run['progress'] }) {
  const formats = useFormats();
  if (progress === null) return <p className={styles.third}>It begins.</p>;
  const { phase, done, total } = progress;
  const isBytes = phase === 'fetching' || phase === 'reading';
  const size = isBytes ? formats.megabytes : formats.count;
  const unit = isBytes ? '' : ' rows';
  if (total === 0) return <p>{`${size(done)}${unit}`}</p>;
  return (
    <>
      <p>{`${size(done)} of ${size(total)}${unit}`}</p>
      <progress className={styles.bar} value={done} max={total} aria-label="Done of this step" />
    </>
  );
}

function Steps({ phase }: { readonly phase: string | undefined }) {
  const at = steps.findIndex(({ phases }) => phases.some((one) => one === phase));
  return (
    <ol className={styles.steps}>
      {steps.map(({ word }, place) => (
        <li key={word} aria-current={place === at ? 'step' : undefined} data-done={place < at}>
          {word}
        </li>
      ))}
    </ol>
  );
}
