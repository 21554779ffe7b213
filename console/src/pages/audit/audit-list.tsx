/** Entries of the audit log: who did what, when, and what changed by it. */
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { type Difference, Differences } from '../../parts/differences.tsx';
import { ExactTime } from '../../parts/exact-time.tsx';
import { useLookers } from '../../parts/use-lookers.ts';
import styles from './audit.module.css';
import { differencesOf } from './differences-of.ts';
import type { AuditEntry } from './use-audit.ts';

export function AuditList({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <ol className={styles.entries} aria-label="Entries">
      {entries.map((entry) => (
        <Entry entry={entry} key={entry.id} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }) {
  const formats = useFormats();
  const nowMs = useNow();
  const { at, actor, action, target, before, after } = entry;
  const lookers = useLookers();
  const { name, note } = lookers(actor);
  return (
    <li className={styles.entry} data-row>
      <div className={styles.head}>
        <strong>{name}</strong>
        <span className={styles.third}>{note}</span>
        <Badge tone={toneOf(action)}>{actionWords(action)}</Badge>
        <Target action={action} target={target} lookers={lookers} />
        <span className={styles.when}>
          <ExactTime time={at}>{formats.moment(at, nowMs)}</ExactTime>
        </span>
      </div>
      <Changed differences={differencesOf(before, after)} isNew={before === null} />
    </li>
  );
}

/** Users and tokens have ids: their names say more. */
function Target({
  action,
  target,
  lookers,
}: Pick<AuditEntry, 'action' | 'target'> & { readonly lookers: ReturnType<typeof useLookers> }) {
  const [object = ''] = action.split('.');
  const isNamed = object === 'user' || object === 'token';
  const { name } = lookers(`${object}:${target}`);
  return (
    <>
      {isNamed && name !== `${object} ${target}` && <span>{name}</span>}
      <code className={styles.target}>{target}</code>
    </>
  );
}

function Changed({
  differences,
  isNew,
}: {
  readonly differences: readonly Difference[];
  readonly isNew: boolean;
}) {
  const list = <Differences differences={differences} isNew={isNew} />;
  if (differences.length <= shown) return list;
  return (
    <details>
      <summary className={styles.third}>{`${differences.length} members`}</summary>
      {list}
    </details>
  );
}

/** Longer lists open on demand, so that a page of entries can be read at a glance. */
const shown = 6;

/** `identity_type.create` is "identity type: create". */
export function actionWords(action: string): string {
  return action.replaceAll('_', ' ').replace('.', ': ');
}

function toneOf(action: string): Tone {
  return /\.(?:delete|remove|revoke|erase|reveal|rollback)/.test(action) ? 'decide' : 'quiet';
}
