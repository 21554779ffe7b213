/** A dataset whose rows are pushed: when the last ones came, who may push, and how. */
import { useQuery } from '@tanstack/react-query';
import type { DatasetStatus } from '../../../api/page-entries.ts';
import { ageWords } from '../../../format/ages.ts';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { Card } from '../../../parts/card.tsx';
import { CodeBlock } from '../../../parts/code-block.tsx';
import { CopyButton } from '../../../parts/copy-button.tsx';
import { quotedText } from '../../../parts/shell-text.ts';
import { type Token, tokensQuery } from '../../../parts/use-lookers.ts';
import { useMay } from '../../../session/session-context.tsx';
import styles from './dataset.module.css';
import { type Dataset, useDefinition } from './use-definition.ts';

export function PushCard({ status }: { readonly status: DatasetStatus }) {
  const { dataset: name, kind } = status;
  const { data } = useDefinition(name);
  const code = data?.definition == null ? undefined : pushCode(name, kind, data.definition);
  return (
    <Card
      title="Rows are pushed"
      actions={code !== undefined && <CopyButton text={code} label="Copy the call" />}
    >
      <div className={styles.progress}>
        <Last status={status} />
        <Pushers name={name} />
        {code !== undefined && <CodeBlock text={code} label="How a row is pushed" />}
      </div>
    </Card>
  );
}

function Last({ status: { pushed, contacts } }: { readonly status: DatasetStatus }) {
  const formats = useFormats();
  const nowMs = useNow();
  // Nodes of earlier releases do not count them.
  if (pushed == null) {
    const none =
      contacts === 0 ? 'No row has come yet.' : 'No row has come since they are counted.';
    return <p>{none}</p>;
  }
  const { last_at: at, day, received, rejected } = pushed;
  const ago = ageWords(Math.max(0, nowMs - Date.parse(at)));
  const refused =
    rejected === 0 ? 'none was refused' : `${formats.count(rejected)} of them refused`;
  return (
    <p>
      {`The last rows came ${formats.whenInText(at, nowMs)}, ${ago} ago. On ${formats.day(day)} (UTC), ${formats.count(received)} came, ${refused}.`}
    </p>
  );
}

function Pushers({ name }: { readonly name: string }) {
  const seesTokens = useMay('tokens:read');
  const { data: tokens } = useQuery<readonly Token[]>({ ...tokensQuery, enabled: seesTokens });
  if (!seesTokens) return <p className={styles.third}>Admins and engineers see who may push.</p>;
  if (tokens === undefined) return null;
  const may = tokens.filter((token) => mayPush(token, name));
  if (may.length === 0) return <p>No token may push to it.</p>;
  const words = may.slice(0, shownTokens).map(({ name: own, last_characters: end }) => {
    return `${own ?? 'a token without a name'} (…${end})`;
  });
  const more = may.length > words.length ? ` and ${may.length - words.length} more` : '';
  return <p>{`May push: ${words.join(', ')}${more}.`}</p>;
}

const shownTokens = 10;

function mayPush({ state, scopes, dataset }: Token, name: string): boolean {
  const isOver = state === 'expired' || state === 'revoked';
  return !isOver && scopes.includes('contacts:write') && (dataset ?? name) === name;
}

type Defined = NonNullable<Dataset['definition']>;

/** With every identifier and a few fields, so that only values have to be put in. */
function pushCode(name: string, kind: string, { identifiers, fields }: Defined): string {
  const columns = [
    ...Object.values(identifiers ?? {})
      .flat()
      .map(String),
    ...Object.entries(fields ?? {}).map(([field, mapped]) => columnOf(mapped) ?? field),
  ];
  const row = Object.fromEntries(columns.slice(0, shownColumns).map((column) => [column, '…']));
  const body = JSON.stringify({ dataset: name, rows: [row] });
  const path = kind === 'identity' ? '/ingest/v1/identities' : '/ingest/v1/contacts';
  return [
    `curl ${quotedText(`${window.location.origin}${path}`)} \\`,
    `  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\`,
    `  -d ${quotedText(body)}`,
  ].join('\n');
}

const shownColumns = 6;

function columnOf(mapped: unknown): string | undefined {
  return (mapped as { readonly column?: string } | null)?.column;
}
