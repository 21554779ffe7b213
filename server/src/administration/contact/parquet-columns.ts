/** The columns of a Parquet file of contacts: their types, and how values get into them. */
import type { BuiltInFieldName, FieldType } from '../../domain/contact/field.ts';
import { fitsType } from '../../domain/value/fits-type.ts';
import { dayMs, type ZoneDays, zoneDaysOf } from '../../domain/value/zone-days.ts';
import { identityColumns } from './flat-names.ts';
import type { ListColumn } from './list-columns.ts';
import type { ListedContact } from './list-contacts.ts';

export interface ParquetColumn {
  readonly name: string;
  /** The members of the JSON that hold the value, with the types that the engine reads. */
  readonly cells: readonly (readonly [key: string, type: string])[];
  /** The values of these members. */
  read(contact: ListedContact): readonly unknown[];
  /** The value, from these members. Ask for it after all contacts were read. */
  sql(): string;
}

export function parquetColumns(list: {
  readonly columns: readonly ListColumn[];
  readonly identityTypes: readonly string[];
  readonly timeZone: string;
}): readonly ParquetColumn[] {
  const { columns, identityTypes, timeZone } = list;
  const zone = zoneDaysOf(timeZone);
  const names = identityColumns(list);
  return [
    plainColumn({ name: names.id, key: 'id', type: 'VARCHAR' }, ({ contact_id }) => contact_id),
    ...identityTypes.map((type, place) =>
      plainColumn(
        { name: names.types[place] ?? type, key: `i${place}`, type: 'VARCHAR[]' },
        ({ identities }) =>
          identities.flatMap((one) => (one.type === type ? (one.value ?? []) : [])),
      ),
    ),
    ...columns.map((column, place) => valueColumn(column, `v${place}`, zone)),
  ];
}

function valueColumn(column: ListColumn, key: string, zone: ZoneDays): ParquetColumn {
  const { name } = column;
  if (column.field === null) {
    const named = { name, key, type: membershipTypes[column.name] };
    return plainColumn(named, ({ values }) => values[name]);
  }
  const { type } = column;
  if (type === 'date') return new DateColumn(name, key, zone);
  if (type === 'big integer') return new BigIntegerColumn(name, key);
  return plainColumn({ name, key, type: fieldTypes[type] }, (contact) =>
    fittingValue(contact, name, type),
  );
}

/** A stored value may be of the type that the field had before. The engine cannot read that. */
function fittingValue({ values }: ListedContact, name: string, type: FieldType): unknown {
  const value = values[name] ?? null;
  return fitsType(type, value) ? value : null;
}

const fieldTypes = {
  ...{ boolean: 'BOOLEAN', integer: 'BIGINT', 'positive integer': 'BIGINT' },
  ...{ float: 'DOUBLE', rate: 'DOUBLE', currency: 'DOUBLE' },
  ...{ string: 'VARCHAR', text: 'VARCHAR', set: 'VARCHAR[]' },
} as const;

const timeType = 'TIMESTAMPTZ';

const membershipTypes: Readonly<Record<BuiltInFieldName, string>> = {
  flow_variant_membership: 'VARCHAR[]',
  // Ids and names.
  segment_membership: 'VARCHAR[]',
  recent_events: 'VARCHAR[]',
  flow_membership: `STRUCT(flow_id BIGINT, flow_name VARCHAR, variant VARCHAR, since ${timeType})[]`,
  journey_membership: `STRUCT(journey_id BIGINT, journey_name VARCHAR, step VARCHAR, entered_at ${timeType}, step_entered_at ${timeType})[]`,
  campaigns_received: `STRUCT(campaign_id VARCHAR, campaign_name VARCHAR, channel VARCHAR, variant VARCHAR, flow_id BIGINT, received_at ${timeType})[]`,
};

function plainColumn(
  { name, key, type }: { readonly name: string; readonly key: string; readonly type: string },
  read: (contact: ListedContact) => unknown,
): ParquetColumn {
  return { name, cells: [[key, type]], read: (contact) => [read(contact)], sql: () => key };
}

/** Days, if no value has a time. Otherwise moments: a day is the moment at which it begins. */
class DateColumn implements ParquetColumn {
  readonly name: string;
  readonly cells: ParquetColumn['cells'];
  readonly #key: string;
  readonly #zone: ZoneDays;
  #hasTimes = false;

  constructor(name: string, key: string, zone: ZoneDays) {
    this.name = name;
    this.cells = [
      [key, 'VARCHAR'],
      [`${key}_ms`, 'BIGINT'],
    ];
    this.#key = key;
    this.#zone = zone;
  }

  read(contact: ListedContact): readonly unknown[] {
    const text = fittingValue(contact, this.name, 'date');
    if (typeof text !== 'string') return [null, null];
    const timeMs = Date.parse(text);
    const isDay = text.length === '2026-11-29'.length;
    if (!isDay) this.#hasTimes = true;
    return [text, isDay ? this.#zone.startOf(timeMs / dayMs) : timeMs];
  }

  sql(): string {
    const key = this.#key;
    return this.#hasTimes ? `CAST(epoch_ms(${key}_ms) AS ${timeType})` : `CAST(${key} AS DATE)`;
  }
}

/** Numbers, if all fit into the 38 digits of the engine. Otherwise texts. */
class BigIntegerColumn implements ParquetColumn {
  readonly name: string;
  readonly cells: ParquetColumn['cells'];
  readonly #key: string;
  #isLong = false;

  constructor(name: string, key: string) {
    this.name = name;
    this.cells = [[key, 'VARCHAR']];
    this.#key = key;
  }

  read(contact: ListedContact): readonly unknown[] {
    const text = fittingValue(contact, this.name, 'big integer');
    if (typeof text === 'string' && text.replace('-', '').length > maxDigits) this.#isLong = true;
    return [text];
  }

  sql(): string {
    return this.#isLong ? this.#key : `CAST(${this.#key} AS DECIMAL(${maxDigits}, 0))`;
  }
}

const maxDigits = 38;
