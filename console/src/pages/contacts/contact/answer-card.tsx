/** What a look-up with a chosen token answers, and how to make it. It costs no unit. */
import { Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { wordOf } from '../../../format/word-of.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Card } from '../../../parts/card.tsx';
import { CodeBlock } from '../../../parts/code-block.tsx';
import { CopyButton } from '../../../parts/copy-button.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { NextStep } from '../../../parts/next-step.tsx';
import { useCommand } from '../../../parts/use-command.ts';
import styles from './answer-card.module.css';
import { LeftOut } from './left-out.tsx';
import { type SnippetLanguage, snippet, snippetLanguages } from './snippets.ts';
import type { Explanation, Token } from './use-contact.ts';

interface AnswerParts {
  readonly contact: Explanation;
  readonly tokens: readonly Token[];
  /** The id of the chosen token. */
  readonly chosen: string | undefined;
}

export function AnswerCard({ contact, tokens, chosen }: AnswerParts) {
  const [view, setView] = useState<'Answer' | SnippetLanguage>('Answer');
  const { token } = contact;
  const command = useCommand()('token', 'create', '--email', 'you@example.com');
  if (tokens.length === 0) {
    return (
      <Card title="As the API answers it">
        <EmptyState title="No token may look up contacts yet">
          <NextStep permission="tokens:write" who="an administrator" step="create a token">
            <span>A token is shown once, at the command line of the server:</span>
            <code>
              {command} <CopyButton text={command} label="Copy the command" />
            </code>
          </NextStep>
        </EmptyState>
      </Card>
    );
  }
  const answer = token?.answer ?? null;
  const text =
    view === 'Answer'
      ? JSON.stringify(answer === null ? null : { status: 'success', contact: answer }, null, 2)
      : snippet(view, window.location.origin, identityOf(contact));
  return (
    <Card
      title="As the API answers it"
      actions={<TokenSelect tokens={tokens} chosen={chosen} />}
      foot={token === null ? undefined : <LeftOut token={token} />}
    >
      <div className={styles.views}>
        {(['Answer', ...snippetLanguages] as const).map((name) => (
          <button
            key={name}
            type="button"
            className={styles.view}
            aria-pressed={view === name}
            onClick={() => setView(name)}
          >
            {name}
          </button>
        ))}
        <span className={styles.copy}>
          <CopyButton text={text} label={`Copy: ${view}`} />
        </span>
      </div>
      <CodeBlock text={text} label={view} isJson={view === 'Answer'} />
      <p className={styles.status}>
        {answer === null ? <Badge tone="bad">no answer</Badge> : <Badge tone="good">200</Badge>}
        <span>
          {token === null || token.refused.length === 0
            ? 'costs no unit, and is logged as yours'
            : token.refused.map((word) => wordOf(refusedWords, word)).join(' ')}
        </span>
      </p>
    </Card>
  );
}

function TokenSelect({ tokens, chosen }: Pick<AnswerParts, 'tokens' | 'chosen'>) {
  const navigate = useNavigate();
  const search = useSearch({ from: '/inside/contacts/$id' });
  return (
    <Select
      aria-label="The token that looks up"
      w={190}
      data={tokens.map(({ id, name, created_by, last_characters }) => ({
        value: id,
        label: `${name ?? created_by} …${last_characters}`,
      }))}
      value={chosen ?? null}
      onChange={(token) =>
        token !== null && void navigate({ to: '.', search: { ...search, token }, replace: true })
      }
    />
  );
}

/** By the first identity whose value is shown; the id finds every contact. */
function identityOf({ identities, contact_id }: Explanation): string {
  const known = identities.find(
    ({ leads_here, identity }) => leads_here && identity.value !== null,
  );
  if (known === undefined) return `id:${contact_id}`;
  return `${known.identity.type}:${known.identity.value}`;
}

const refusedWords: Readonly<Record<string, string>> = {
  revoked: 'The token is revoked.',
  expired: 'The token has ended.',
  scope_missing: 'The token may not look up contacts.',
  identity_type_not_allowed: 'The token may not look up by an identity of this type.',
};
