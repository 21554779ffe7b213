/** Every field of a contact, by the dataset that it comes from. */
import { TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { NoMatch } from '../../../parts/no-match.tsx';
import { FieldGroup } from './field-group.tsx';
import styles from './fields-card.module.css';
import { type FieldsOfOne, groupFields } from './group-fields.ts';
import type { Explanation, Field } from './use-contact.ts';

export function FieldsCard({
  contact,
  fields,
}: {
  readonly contact: Explanation;
  readonly fields: ReadonlyMap<string, Field>;
}) {
  const [filter, setFilter] = useState('');
  const [isOpen, setOpen] = useState(false);
  const groups = useMemo(() => groupFields(contact.fields), [contact.fields]);
  const shown = filterGroups(groups, filter.trim().toLowerCase());
  const far = filter === '' ? shown.filter(({ isAbsent }) => isAbsent) : [];
  const near = shown.filter((group) => !far.includes(group));
  const draw = (group: FieldsOfOne) => (
    <FieldGroup
      key={group.dataset ?? group.label}
      group={group}
      fields={fields}
      isWhole={filter !== ''}
      contact={contact}
    />
  );
  const count = groups.reduce((sum, group) => sum + group.fields.length, 0);
  return (
    <Card
      title="Fields"
      note={`${count}, from ${sourceWords(groups)}`}
      actions={
        <TextInput
          aria-label="Filter the fields"
          placeholder="Filter"
          w={150}
          data-filter
          leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
      }
    >
      <div className={styles.table}>
        {near.map(draw)}
        {far.length > 0 && !isOpen && (
          <UnstyledButton className={styles.more} onClick={() => setOpen(true)}>
            <IconChevronDown size={16} stroke={1.6} aria-hidden />
            {far.length === 1 ? '1 dataset' : `${far.length} datasets`} without a row
          </UnstyledButton>
        )}
        {isOpen && far.map(draw)}
      </div>
      {count === 0 && <EmptyState title="No field has a value yet" />}
      {count > 0 && shown.length === 0 && (
        <NoMatch title="No field matches this filter" onClear={() => setFilter('')} />
      )}
    </Card>
  );
}

function sourceWords(groups: readonly FieldsOfOne[]): string {
  const datasets = groups.filter(({ dataset }) => dataset !== null);
  const full = datasets.filter(({ isAbsent }) => !isAbsent).length;
  const share = full === datasets.length ? '' : `${full} of `;
  return `${share}${datasets.length} ${datasets.length === 1 ? 'dataset' : 'datasets'}`;
}

function filterGroups(groups: readonly FieldsOfOne[], filter: string): readonly FieldsOfOne[] {
  if (filter === '') return groups;
  return groups.flatMap((group) => {
    const fields = group.fields.filter(({ field }) => field.includes(filter));
    return fields.length === 0 ? [] : [{ ...group, fields }];
  });
}
