/** The columns that identify contacts, and the type of each. The first one is the row key. */
import { Button, Select, TextInput } from '@mantine/core';
import styles from './define.module.css';

export interface IdentityKey {
  /** Empty: not chosen yet. */
  readonly column: string;
  /** Empty: not chosen yet. */
  readonly identityType: string;
  /** Whether somebody chose the type. Else it follows the column. */
  readonly isChosen?: boolean;
}

interface IdentityKeysParts {
  readonly keys: readonly IdentityKey[];
  /** `undefined`: any name may be typed. */
  readonly columns?: readonly string[];
  readonly knownTypes: readonly string[];
  /** The type that fits a column; it may be a new one. */
  readonly typeFor: (column: string) => string;
  readonly onChange: (keys: readonly IdentityKey[]) => void;
}

export function IdentityKeys({ keys, onChange, ...parts }: IdentityKeysParts) {
  const replace = (place: number, key: IdentityKey) =>
    onChange(keys.map((old, at) => (at === place ? key : old)));
  return (
    <fieldset className={styles.keys}>
      <legend>Contacts are found by</legend>
      {keys.map((key, place) => (
        <KeyRow
          // biome-ignore lint/suspicious/noArrayIndexKey: keys keep their places
          key={place}
          {...parts}
          own={key}
          isFirst={place === 0}
          onReplace={(next) => replace(place, next)}
          onRemove={
            keys.length === 1 ? undefined : () => onChange(keys.filter((_key, at) => at !== place))
          }
        />
      ))}
      <Button onClick={() => onChange([...keys, { column: '', identityType: '' }])}>
        Add a column
      </Button>
    </fieldset>
  );
}

/** What is missing, in words. */
export function keysFault(keys: readonly IdentityKey[]): string | undefined {
  if (keys.length === 0) return 'Say which column identifies the contacts.';
  const isOpen = keys.some(({ column, identityType }) => column === '' || identityType === '');
  return isOpen ? 'Choose the column and its type, or remove the row.' : undefined;
}

interface KeyRowParts extends Pick<IdentityKeysParts, 'columns' | 'knownTypes' | 'typeFor'> {
  readonly own: IdentityKey;
  readonly isFirst: boolean;
  readonly onReplace: (key: IdentityKey) => void;
  /** `undefined`: one key has to stay. */
  readonly onRemove: (() => void) | undefined;
}

function KeyRow({ own, isFirst, columns, knownTypes, typeFor, onReplace, onRemove }: KeyRowParts) {
  const { column, identityType, isChosen = false } = own;
  const fitting = column === '' ? [] : [typeFor(column)];
  const offered = [...knownTypes.filter((type) => type !== contactIdType), ...fitting];
  const types = [...new Set([...offered, ...(identityType === '' ? [] : [identityType])])];
  const setColumn = (next: string) => {
    const followed = next === '' ? '' : typeFor(next);
    onReplace({ ...own, column: next, identityType: isChosen ? identityType : followed });
  };
  const label = isFirst ? 'Column, the row key' : 'Column';
  return (
    <div className={styles.key}>
      {columns === undefined ? (
        <TextInput
          label={label}
          value={column}
          onChange={(event) => setColumn(event.currentTarget.value)}
        />
      ) : (
        <Select
          label={label}
          placeholder="Choose a column"
          searchable
          data={columns}
          value={column === '' ? null : column}
          onChange={(next) => next !== null && setColumn(next)}
        />
      )}
      <Select
        label="Identity type"
        data={types.map((type) => ({
          value: type,
          label: knownTypes.includes(type) ? type : `${type}, new`,
        }))}
        value={identityType === '' ? null : identityType}
        onChange={(next) =>
          next !== null && onReplace({ ...own, identityType: next, isChosen: true })
        }
      />
      <Button variant="subtle" disabled={onRemove === undefined} onClick={onRemove}>
        Remove
      </Button>
    </div>
  );
}

/** The contact's own id, which no file of another system has. */
const contactIdType = 'id';

/** A name that an identity type may have, after a column. Types belong to no dataset. */
export function typeNameOf(column: string): string {
  const name = column
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_$/g, '')
    .slice(0, 32);
  return name === '' ? 'user_id' : name;
}
