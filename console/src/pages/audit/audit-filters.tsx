/** What the audit page shows: by whom, which action, on what, and when. */
import { Select, TextInput } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import { ActorFilter } from '../../parts/actor-filter.tsx';
import { DaysFilter } from '../../parts/days-filter.tsx';
import styles from '../../parts/filters.module.css';
import { actionWords } from './audit-list.tsx';
import type { AuditEntry, AuditSearch } from './use-audit.ts';

/** A filter that is `undefined` is taken away. */
export type Change = { readonly [Name in keyof AuditSearch]?: string | undefined };

interface AuditFiltersParts {
  readonly search: AuditSearch;
  readonly seen: readonly AuditEntry[];
  readonly onChange: (change: Change) => void;
}

export function AuditFilters({ search, seen, onChange }: AuditFiltersParts) {
  const { kind, actor, action, target } = search;
  const names = [...objects, ...seen.map((entry) => entry.action), action ?? ''];
  const actions = [...new Set(names)].filter((name) => name !== '').toSorted();
  return (
    <search className={styles.filters} aria-label="Which changes">
      <TargetFilter
        key={target ?? ''}
        target={target}
        onTarget={(next) => onChange({ target: next })}
      />
      <ActorFilter
        actor={actor}
        seen={seen.map((entry) => entry.actor)}
        onActor={(next) => onChange({ actor: next })}
      />
      <Select
        label="Show"
        data={kinds}
        value={kind ?? ''}
        allowDeselect={false}
        onChange={(next) => onChange({ kind: next || undefined })}
      />
      <Select
        label="Action"
        searchable
        data={[
          { value: '', label: 'Every action' },
          ...actions.map((value) => ({ value, label: actionWords(value) })),
        ]}
        value={action ?? ''}
        onChange={(next) => onChange({ action: next || undefined })}
      />
      <DaysFilter days={search} onDays={onChange} />
    </search>
  );
}

/** Reads are many: each page that is opened makes one. */
const kinds = [
  { value: '', label: 'Changes' },
  { value: 'reads', label: 'Reads' },
  { value: 'all', label: 'Changes and reads' },
];

/** Names of objects: each stands for all actions on it. */
const objects = [
  'change_plan',
  'contact',
  'dataset',
  'field',
  'identity_type',
  'organization',
  'privacy',
  'run',
  'segment',
  'token',
  'upload',
  'user',
];

/** Asks when Enter is pressed or the field is left. An address is no place for an identity. */
function TargetFilter({
  target,
  onTarget,
}: {
  readonly target: string | undefined;
  readonly onTarget: (target: string | undefined) => void;
}) {
  const [text, setText] = useState(target ?? '');
  const isIdentity = /[@+]/.test(text);
  const ask = () => {
    const next = text.trim() || undefined;
    if (!isIdentity && next !== target) onTarget(next);
  };
  return (
    <TextInput
      className={styles.wide}
      label="What was changed"
      placeholder="A name or an id, such as crm"
      value={text}
      error={isIdentity && 'Entries name no person. Look for people in the access log.'}
      data-filter
      autoComplete="off"
      spellCheck={false}
      maxLength={200}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={ask}
      onKeyDown={({ key }: KeyboardEvent) => key === 'Enter' && ask()}
    />
  );
}
