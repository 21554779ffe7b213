/** One clause with a tick, a cross, or neither if the reader may not know. */
import { IconCheck, IconEyeOff, IconX } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { useSession } from '../../../session/session-context.tsx';
import {
  type Clause,
  type ClauseWords,
  choiceWords,
  clauseWords,
  inputWords,
} from './clause-words.ts';
import styles from './memberships-card.module.css';
import type { Field } from './use-contact.ts';

export function ClauseLine({
  clause,
  fields,
}: {
  readonly clause: Clause;
  readonly fields: ReadonlyMap<string, Field>;
}) {
  const formats = useFormats();
  const nowMs = useNow();
  const { currency } = useSession().organization;
  const wording = { fields, currency, formats, nowMs };
  const words = clauseWords(clause, wording);
  const choices = words === undefined ? choiceWords(clause, wording) : [words];
  return (
    <li className={styles.clause}>
      <TruthMark isTrue={clause.is_true} />
      <span>
        {choices === undefined ? (
          <>
            <code>{clause.rule}</code>
            {clause.inputs.map((input) => (
              <span className={styles.input} key={input.field}>
                {input.field}: {inputWords(input, wording)}
              </span>
            ))}
            {clause.memberships.map((membership) => (
              <span className={styles.input} key={`${membership.kind} ${membership.name}`}>
                {membershipWords(membership)}
              </span>
            ))}
          </>
        ) : (
          <Sentences choices={choices} />
        )}
      </span>
    </li>
  );
}

function TruthMark({ isTrue }: { readonly isTrue: boolean | null }) {
  const look = { size: 16, stroke: 1.8, role: 'img' } as const;
  if (isTrue === null) {
    return <IconEyeOff {...look} aria-label="not shown: it uses a sensitive field" />;
  }
  return isTrue ? (
    <IconCheck className={styles.tick} {...look} aria-label="true" />
  ) : (
    <IconX className={styles.cross} {...look} aria-label="not true" />
  );
}

/** Several: one of them is enough. */
function Sentences({ choices }: { readonly choices: readonly ClauseWords[] }) {
  return choices.map((words, place) => (
    <Fragment key={`${words.subject} ${words.needs}`}>
      {choices.length > 1 && (place === 0 ? 'One of: ' : ', or ')}
      <Sentence words={words} />
    </Fragment>
  ));
}

function Sentence({ words: { subject, value, needs, short } }: { readonly words: ClauseWords }) {
  return (
    <>
      {subject} is <strong>{value}</strong>; {needs}
      {short === '' ? '' : '. '}
      {short !== '' && <strong>{short}.</strong>}
    </>
  );
}

function membershipWords({ kind, name, is_found }: Clause['memberships'][number]): string {
  if (kind === 'in_list') return `${is_found ? 'in' : 'not in'} the list ${name}`;
  return `${is_found ? 'received' : 'never received'} the campaign ${name}`;
}
