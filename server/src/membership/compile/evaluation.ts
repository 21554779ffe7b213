/**
 * The memory that rules of one organization are evaluated in: registers for numbers, and what is
 * already known about the current record. It is used for one record after another.
 */

import { newContactUnit, type SlotUnit } from '../../domain/flow/slot-hash.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { maxRuleWork } from '../limits.ts';
import { rulesTooCostly } from '../rule-work.ts';

/** A record, and where the values of the rules' inputs are in it. */
export interface RecordPlaces {
  /** A sound record at the start of these bytes. */
  readonly bytes: Buffer;
  /** Packed memberships; `undefined`: none, or not read. */
  readonly memberships: Buffer | undefined;
  /** Missing: not read. Needed where `Reach.readsIdentities`. */
  readonly identities?: readonly IdentityKey[];
  /** Where the value of input n begins and ends: at `base + n`. Both are 0 if there is no value. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly base: number;
  /** Milliseconds since 1970: fixed for a request or a batch. */
  readonly nowMs: number;
  /** By input: 1 if its dataset withholds the value. `undefined`: nothing is withheld. */
  readonly withheld: Uint8Array | undefined;
}

export interface EvaluationSizes {
  /** What registers begin with. Those of constants keep it. */
  readonly registers: readonly { readonly value: number; readonly isDay: boolean }[];
  readonly memos: number;
}

/** The register with the time of the request. */
export const nowSlot = 0;

/** V8 compares numbers up to here fastest. */
const lastStamp = 0x3fff_fffe;

const noBytes = Buffer.alloc(0);
const noPlaces = new Uint32Array(0);

export class Evaluation {
  bytes: Buffer = noBytes;
  memberships: Buffer | undefined;
  identities: readonly IdentityKey[] = [];
  starts: Uint32Array = noPlaces;
  ends: Uint32Array = noPlaces;
  base = 0;
  withheld: Uint8Array | undefined;
  /** How much work is left of `maxRuleWork` for this record. */
  workLeft = maxRuleWork;
  /** Another even number for each record. A memo is valid if it has this stamp. */
  stamp = 0;
  /** Numbers, dates, durations and days, and booleans as 1 and 0. NaN is null. */
  readonly numbers: Float64Array;
  /** Whether the date in a register is a calendar day. */
  readonly isDay: Uint8Array;
  /** By memo. For a condition, the stamp means false, and the number after it means true. */
  readonly stamps: Uint32Array;
  /** By memo of a flow. */
  readonly outcomes: Uint8Array;
  readonly texts: (string | null)[];
  /** What decides slots, by identity type; of the record with this stamp. */
  readonly units = new Map<number, SlotUnit | undefined>();
  unitsStamp = 0;
  /** The unit of the contact's id, of the record with this stamp. Each record uses its memory. */
  readonly contactUnit = newContactUnit();
  contactUnitStamp = 0;

  constructor({ registers, memos }: EvaluationSizes) {
    this.numbers = Float64Array.from(registers, ({ value }) => value);
    this.isDay = Uint8Array.from(registers, ({ isDay }) => Number(isDay));
    this.stamps = new Uint32Array(memos);
    this.outcomes = new Uint8Array(memos);
    this.texts = new Array<string | null>(memos).fill(null);
  }

  /** Begins with another record. */
  begin(record: RecordPlaces): void {
    this.bytes = record.bytes;
    this.memberships = record.memberships;
    this.identities = record.identities ?? [];
    this.starts = record.starts;
    this.ends = record.ends;
    this.base = record.base;
    this.numbers[nowSlot] = record.nowMs;
    this.withheld = record.withheld;
    this.workLeft = maxRuleWork;
    this.forget();
  }

  /** Forgets what is known about the record, so that it can be evaluated again after an error. */
  forget(): void {
    this.stamp += 2;
    if (this.stamp < lastStamp) return;
    this.stamps.fill(0);
    this.unitsStamp = 0;
    this.contactUnitStamp = 0;
    this.stamp = 2;
  }

  /**
   * Counts work before it is done. After the error, call `forget` before anything of the record is
   * evaluated: memos can be wrong.
   * @throws UsherError `rules_too_costly`
   */
  spend(work: number): void {
    this.workLeft -= work;
    if (this.workLeft < 0) throw rulesTooCostly();
  }

  /** Allows more work for the same record. */
  refill(work: number): void {
    this.workLeft = work;
  }

  /** Forgets the record, whose bytes the store may reuse. */
  end(): void {
    this.bytes = noBytes;
    this.memberships = undefined;
    this.identities = [];
    this.starts = noPlaces;
    this.ends = noPlaces;
  }

  /** Whether the input has a value that is not withheld. */
  hasInput(input: number): boolean {
    return this.starts[this.base + input] !== 0 && this.withheld?.[input] !== 1;
  }

  /** Whether the implied value counts: a withheld value is null. */
  isImplied(input: number): boolean {
    return this.starts[this.base + input] === 0 && this.withheld?.[input] !== 1;
  }
}
