/** The fields with their settings, each changed where it stands. */
import { Checkbox, Select, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Badge } from '../../parts/badge.tsx';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { FieldName } from '../../parts/field-name.tsx';
import table from '../../parts/plain-table.module.css';
import { reachable } from '../../parts/reachable.ts';
import { useMay } from '../../session/session-context.tsx';
import type { Field, FieldEdits, FieldReader } from './use-fields.ts';

interface FieldsTableParts {
  readonly fields: readonly Field[];
  readonly readers: readonly FieldReader[];
  readonly edits: FieldEdits;
}

export function FieldsTable({ fields, readers, edits }: FieldsTableParts) {
  const isLocked = !useMay('fields:write');
  const mayLower = useMay('sensitivity:lower');
  const { edit } = edits;
  const columns = useMemo(
    () => columnsOf({ readers, can: { edit, isLocked, mayLower } }),
    [readers, edit, isLocked, mayLower],
  );
  return <DataTable label="Fields" columns={columns} entries={fields} keyOf={({ name }) => name} />;
}

type Edit = FieldEdits['edit'];

function columnsOf({
  readers,
  can,
}: {
  readonly readers: readonly FieldReader[];
  readonly can: Can;
}): readonly TableColumn<Field>[] {
  const byField = Map.groupBy(readers, ({ field }) => field);
  const readersOf = ({ name }: Field) => byField.get(name) ?? [];
  return [
    {
      ...{ id: 'name', head: 'Field', width: '30%' },
      cell: (field) => <Name field={field} />,
      sortBy: ({ name }) => name,
    },
    {
      ...{ id: 'dataset', head: 'Filled by', folds: true },
      cell: (field) => <Filler field={field} />,
      sortBy: ({ dataset }) => dataset ?? '',
    },
    {
      ...{ id: 'type', head: 'Type', folds: true },
      cell: ({ type }) => type ?? '',
      sortBy: ({ type }) => type ?? '',
    },
    {
      ...{ id: 'sensitivity', head: 'Sensitivity' },
      cell: (field) => !field.built_in && <Sensitivity field={field} can={can} />,
      sortBy: ({ sensitivity }) => sensitivity ?? '',
    },
    {
      ...{ id: 'content', head: 'Look-ups' },
      cell: (field) => <Content field={field} can={can} />,
      sortBy: ({ content }) => Number(content),
    },
    {
      ...{ id: 'condition', head: 'Rules', folds: true },
      cell: (field) => !field.built_in && <Condition field={field} can={can} />,
      sortBy: ({ condition }) => Number(condition),
    },
    {
      ...{ id: 'readers', head: 'Read by', folds: true },
      cell: (field) => <Readers readers={readersOf(field)} />,
      sortBy: (field) => readersOf(field).length,
    },
  ];
}

interface Can {
  readonly edit: Edit;
  readonly isLocked: boolean;
  /** Whether the user may lower the sensitivity of a field. */
  readonly mayLower: boolean;
}

interface CellParts {
  readonly field: Field;
  readonly can: Can;
}

function Name({ field: { name, display_name: shown } }: { readonly field: Field }) {
  return (
    <>
      <FieldName name={name} />
      {shown !== null && <span className={table.second}>{shown}</span>}
    </>
  );
}

function Filler({ field: { dataset, rule } }: { readonly field: Field }) {
  if (dataset === null)
    return <span className={table.third}>{rule === null ? 'Usher' : 'a rule'}</span>;
  return (
    <Link to="/datasets/$name" params={{ name: dataset }}>
      {dataset}
    </Link>
  );
}

function Content({ field, can: { edit, isLocked } }: CellParts) {
  const { name, content } = field;
  const change = () =>
    edit({
      field,
      change: { content: !content },
      words: content ? `Look-ups no longer return ${name}` : `Look-ups return ${name}`,
    });
  if (isLocked) return yesOrNo(content);
  const label = `Look-ups may return ${name}`;
  return <Checkbox aria-label={label} checked={content} onChange={change} />;
}

function Condition({ field, can: { edit, isLocked } }: CellParts) {
  const { name, condition } = field;
  const change = () =>
    edit({
      field,
      change: { condition: !condition },
      words: condition ? `Rules may not use ${name}` : `Rules may use ${name}`,
    });
  if (isLocked) return yesOrNo(condition);
  const label = `Rules may use ${name}`;
  return <Checkbox aria-label={label} checked={condition} onChange={change} />;
}

/** What the role may not change is text, which reads better than a grey box. */
function yesOrNo(isSo: boolean): string {
  return isSo ? 'Yes' : 'No';
}

const levels = [
  { value: '', label: 'not set' },
  { value: 'public', label: 'public' },
  { value: 'internal', label: 'internal' },
  { value: 'personal', label: 'personal' },
  { value: 'sensitive', label: 'sensitive' },
];

/** How strict a sensitivity is. One that is not set counts as personal. */
function rankOf(sensitivity: string | null): number {
  const words = ['public', 'internal', 'personal', 'sensitive'];
  return words.indexOf(sensitivity === null || sensitivity === '' ? 'personal' : sensitivity);
}

function Sensitivity({ field, can: { edit, isLocked, mayLower } }: CellParts) {
  const { name, sensitivity: current } = field;
  const change = (next: string | null) => {
    if (next === null || next === (current ?? '')) return;
    const sensitivity = next === '' ? null : (next as Field['sensitivity']);
    const words = `${name} is ${sensitivity ?? 'personal, as it is not set'}`;
    const isLasting = !mayLower && rankOf(sensitivity) > rankOf(current);
    edit({ field, change: { sensitivity }, words, isLasting });
  };
  if (isLocked) return current ?? <span className={table.third}>not set</span>;
  const data = levels.map((level) => {
    return { ...level, disabled: !mayLower && rankOf(level.value) < rankOf(current) };
  });
  return (
    <Select
      aria-label={`How sensitive ${name} is`}
      w="100%"
      maw={160}
      miw={96}
      data={data}
      value={current ?? ''}
      onChange={change}
    />
  );
}

function Readers({ readers }: { readonly readers: readonly FieldReader[] }) {
  if (readers.length === 0) return <span className={table.third}>nobody in 30 days</span>;
  const words = readers.map(
    ({ token_name: name, last_characters: last, read_on: day }) =>
      `${name ?? 'a token without a name'} …${last}, last on ${day}`,
  );
  const count = readers.length === 1 ? '1 token' : `${readers.length} tokens`;
  return (
    <Tooltip label={words.slice(0, shownReaders).join('; ')} multiline w={320}>
      <span {...reachable}>
        <Badge tone="outline">{count}</Badge>
      </span>
    </Tooltip>
  );
}

const shownReaders = 12;
