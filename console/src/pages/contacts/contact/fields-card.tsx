/** Every field of a contact, by the dataset that it comes from. */
import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { NoMatch } from '../../../parts/no-match.tsx';
import { FieldGroup } from './field-group.tsx';
import styles from './fields-card.module.css';
import { groupFields } from './group-fields.ts';
import type { Explanation, Field } from './use-contact.ts';

export function FieldsCard({
  contact,
  fields,
}: {
  readonly contact: Explanation;
  readonly fields: ReadonlyMap<string, Field>;
}) {
  const [filter, setFilter] = useState('');
  const groups = useMemo(() => groupFields(contact.fields), [contact.fields]);
  const shown = filterGroups(groups, filter.trim().toLowerCase());
  const named = groups.filter(({ dataset }) => dataset !== null).length;
  const count = groups.reduce((sum, group) => sum + group.fields.length, 0);
  return (
    <Card
      title="Fields"
      note={`${count}, from ${named} ${named === 1 ? 'dataset' : 'datasets'}`}
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
        {shown.map((group) => (
          <FieldGroup
            key={group.dataset ?? group.label}
            group={group}
            fields={fields}
            isWhole={filter !== ''}
            contact={contact}
          />
        ))}
      </div>
      {count === 0 && <EmptyState title="No field has a value yet" />}
      {count > 0 && shown.length === 0 && (
        <NoMatch title="No field matches this filter" onClear={() => setFilter('')} />
      )}
    </Card>
  );
}

type Groups = ReturnType<typeof groupFields>;

function filterGroups(groups: Groups, filter: string): Groups {
  if (filter === '') return groups;
  return groups.flatMap((group) => {
    const fields = group.fields.filter(({ field }) => field.includes(filter));
    return fields.length === 0 ? [] : [{ ...group, fields }];
  });
}
