/** Entries of the audit log: who did what, when, and what changed by it. */
import type { AuditRead } from '@usher/contract/audit-words';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { wordOf } from '../../format/word-of.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import {
  apiWords,
  type Difference,
  Differences,
  type DifferenceWords,
} from '../../parts/differences.tsx';
import { differencesOf } from '../../parts/differences-of.ts';
import { ExactTime } from '../../parts/exact-time.tsx';
import { useLookers } from '../../parts/use-lookers.ts';
import styles from './audit.module.css';
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
  const list = <Differences differences={differences} isNew={isNew} words={entryWords} />;
  if (differences.length <= shown) return list;
  return (
    <details>
      <summary className={styles.third}>{`${differences.length} members`}</summary>
      {list}
    </details>
  );
}

/** Members of the entries that name no setting of the catalog. */
const memberWords: Readonly<Record<string, string>> = {
  entry: 'entry in the log of joins',
  filters: 'filtered by',
  token: 'the answer of token',
};

const entryWords: DifferenceWords = {
  ...apiWords,
  label: (path) => memberWords[path.slice(1)] ?? apiWords.label(path).replaceAll('_', ' '),
};

/** Longer lists open on demand, so that a page of entries can be read at a glance. */
const shown = 6;

const readWords: Readonly<Record<AuditRead, string>> = {
  'access_log.export': 'Exported the access log',
  'audit.export': 'Exported the audit log',
  'contact.explain': 'Opened a contact',
  'contact.identities': 'Saw identities',
  'contact.list': 'Listed contacts',
  'contact.reveal': 'Revealed a value',
  'contact.search': 'Searched',
  'privacy.export': 'Exported a person',
  'segment.members': 'Listed members',
  'segment.preview': 'Counted who fits a rule',
};

/** `identity_type.create` is "identity type: create". */
export function actionWords(action: string): string {
  const words: Readonly<Record<string, string>> = readWords;
  if (Object.hasOwn(words, action)) return wordOf(words, action);
  return action.replaceAll('_', ' ').replace('.', ': ');
}

function toneOf(action: string): Tone {
  return /\.(?:delete|remove|revoke|erase|reveal|rollback)/.test(action) ? 'decide' : 'quiet';
}
