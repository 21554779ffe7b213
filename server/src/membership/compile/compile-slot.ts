/** Compiles the slot of a contact: its unit and a salt decide it, once for each record. */
import { unitOfDigests } from '../../domain/flow/place-unit.ts';
import {
  contactSlotUnit,
  type SlotUnit,
  slotOf,
  slotSalt,
  slotUnit,
} from '../../domain/flow/slot-hash.ts';
import { contactIdStart, contactIdText } from '../../stores/read-record.ts';
import type { SlotBy, SlotReader } from './compile-context.ts';
import type { Evaluation } from './evaluation.ts';

export interface SlotPlaces {
  readonly memo: number;
  readonly register: number;
}

export function compileSlot({ unit, salt }: SlotBy, { memo, register }: SlotPlaces): SlotReader {
  const salted = slotSalt(salt);
  return (evaluation) => {
    const { numbers, stamps, stamp } = evaluation;
    if (stamps[memo] !== stamp) {
      const found = unitOf(evaluation, unit);
      stamps[memo] = stamp;
      numbers[register] = found === undefined ? -1 : slotOf(found, salted);
    }
    return numbers[register] as number;
  };
}

function unitOf(evaluation: Evaluation, unit: number): SlotUnit | undefined {
  if (unit === 0) return contactUnitOf(evaluation);
  const { units } = evaluation;
  if (evaluation.unitsStamp !== evaluation.stamp) {
    units.clear();
    evaluation.unitsStamp = evaluation.stamp;
  }
  if (units.has(unit)) return units.get(unit);
  const found = identityUnit(evaluation, unit);
  units.set(unit, found);
  return found;
}

/** Most flows use this unit, so it is kept outside of the map. */
function contactUnitOf(evaluation: Evaluation): SlotUnit {
  const { contactUnit } = evaluation;
  if (evaluation.contactUnitStamp !== evaluation.stamp) {
    contactSlotUnit(evaluation.bytes, contactIdStart, contactUnit);
    evaluation.contactUnitStamp = evaluation.stamp;
  }
  return contactUnit;
}

function identityUnit(evaluation: Evaluation, typeId: number): SlotUnit | undefined {
  const first = digestOf(evaluation, typeId);
  return first === undefined ? undefined : slotUnit(first);
}

function digestOf({ identities }: Evaluation, typeId: number): string | undefined {
  const digests = identities
    .filter((identity) => identity.typeId === typeId)
    .map(({ digest }) => Buffer.from(digest).toString('hex'));
  return unitOfDigests(digests);
}

/** The text of a unit: the contact's id for 0, else a digest. `undefined`: there is none. */
export function unitTextOf(evaluation: Evaluation, unit: number): string | undefined {
  if (unit !== 0) return digestOf(evaluation, unit);
  const hex = contactIdText(evaluation.bytes);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join('-');
}
