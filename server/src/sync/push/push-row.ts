/**
 * Reads one pushed row with `domain/dataset/source-row.ts`, and checks what only JSON rows can
 * have.
 */
import { type FieldType, isMeasure } from '../../domain/contact/field.ts';
import { identityDigest } from '../../domain/contact/identity.ts';
import {
  isRowChange,
  type RowField,
  type RowProblem,
  readSourceRow,
} from '../../domain/dataset/source-row.ts';
import { encodeSection } from '../../stores/contact-codec.ts';
import type { ContactChange, KnownIdentity } from '../../stores/store.ts';
import type { PushMapping } from './push-mapping.ts';

export interface PushedRow {
  /** The change, or all problems of the row. */
  readonly read: ContactChange | readonly RowProblem[];
  /** Members that are not columns of the dataset. */
  readonly unknown: readonly string[];
}

/** @param row parsed JSON; its own members may have any name */
export function readPushedRow(mapping: PushMapping, row: object): PushedRow {
  const members = new Map<string, unknown>(Object.entries(row));
  const unknown: string[] = [];
  const cells: unknown[] = [];
  const fields: RowField[] = [];
  const ids: number[] = [];
  const inexact: RowProblem[] = [];
  for (const [column, value] of members) {
    const field = mapping.columns.get(column);
    if (field === undefined) unknown.push(column);
    if (field === undefined || field === null) continue;
    if (isInexact(value, field.type)) inexact.push(inexactValue(column));
    fields.push({ column, cell: cells.length, type: field.type, options: field.options });
    ids.push(field.id);
    cells.push(value);
  }
  const identifiers = mapping.identifiers.map(({ column, identityType }) => {
    const value = members.get(column);
    if (isInexact(value)) inexact.push(inexactIdentity(column));
    const cell = cells.push(value) - 1;
    return { column, cell, identityType };
  });
  if (inexact.length > 0) return { read: inexact, unknown };
  const read = readSourceRow({ identifiers, fields }, cells);
  if (!isRowChange(read)) return { read, unknown };
  const identities = knownIdentities(mapping, read.identities);
  if (mapping.rowKind === 'identity') {
    return { read: { kind: 'identity', identities, section: noSection }, unknown };
  }
  return {
    read: {
      kind: 'patch',
      identities,
      cleared: clearedTypes(mapping, members),
      section: sectionOf(ids, read.values),
    },
    unknown,
  };
}

const noSection = new Uint8Array();

export function isPushedChange(read: PushedRow['read']): read is ContactChange {
  return 'kind' in read;
}

/** Whether JSON lost digits of a number (above 2^53) that may be an id. */
function isInexact(value: unknown, type?: FieldType): boolean {
  if (Array.isArray(value)) return value.some((element) => isInexact(element, type));
  if (typeof value !== 'number' || (type !== undefined && isMeasure(type))) return false;
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

const inexactReason = 'is a number with more digits than JSON carries exactly; send it as text';

function inexactValue(column: string): RowProblem {
  return { code: 'value_invalid', column, reason: inexactReason };
}

function inexactIdentity(column: string): RowProblem {
  return { code: 'identity_invalid', column, reason: inexactReason };
}

function knownIdentities(
  mapping: PushMapping,
  values: readonly (string | undefined)[],
): KnownIdentity[] {
  return mapping.identifiers.flatMap(({ identityType: { id, normalisation } }, place) => {
    const value = values[place];
    if (value === undefined) return [];
    const digest = identityDigest(normalisation, value);
    return [{ typeId: id, digest, value: normalisation === 'email-hash' ? '' : value }];
  });
}

/** The types of which the row has only columns without a value: their identities are let go. */
function clearedTypes(
  { identifiers }: PushMapping,
  members: ReadonlyMap<string, unknown>,
): readonly number[] {
  const given = identifiers.filter(({ column }) => members.has(column));
  const isEmpty = ({ column }: { readonly column: string }) => {
    const value = members.get(column);
    return value === null || (typeof value === 'string' && value.trim() === '');
  };
  const ids = new Set(given.filter(isEmpty).map(({ identityType }) => identityType.id));
  for (const one of given) if (!isEmpty(one)) ids.delete(one.identityType.id);
  return [...ids];
}

/** If several columns fill one field, the last one counts. */
function sectionOf(ids: readonly number[], values: readonly string[]): Uint8Array {
  const byId = new Map(ids.map((id, place) => [id, Buffer.from(values[place] ?? '')]));
  return encodeSection([...byId].sort(([one], [other]) => one - other));
}
