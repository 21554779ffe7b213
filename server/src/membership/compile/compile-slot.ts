/** Compiles the slot of a contact: its unit and a salt decide it, once for each record. */
import { unitOfDigests } from '../../domain/flow/place-unit.ts';
import {
  contactSlotUnit,
  type SlotUnit,
  slotOf,
  slotSalt,
  slotUnit,
} from '../../domain/flow/slot-hash.ts';
import { contactIdBytes } from '../../stores/read-record.ts';
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
  const { units } = evaluation;
  if (evaluation.unitsStamp !== evaluation.stamp) {
    units.clear();
    evaluation.unitsStamp = evaluation.stamp;
  }
  if (units.has(unit)) return units.get(unit);
  const found =
    unit === 0 ? contactSlotUnit(contactIdBytes(evaluation.bytes)) : identityUnit(evaluation, unit);
  units.set(unit, found);
  return found;
}

function identityUnit({ identities }: Evaluation, typeId: number): SlotUnit | undefined {
  const digests = identities
    .filter((identity) => identity.typeId === typeId)
    .map(({ digest }) => Buffer.from(digest).toString('hex'));
  const first = unitOfDigests(digests);
  return first === undefined ? undefined : slotUnit(first);
}
