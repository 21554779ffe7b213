/**
 * Begins evaluations on contacts that the store lends, one after the other, as a look-up does.
 * Values that their dataset withholds at the moment of the walk are null.
 */
import { readAmendments } from '../stores/amended-fields.ts';
import { asOfAt, type FieldSlots, findSectionEntry, locateFields } from '../stores/read-record.ts';
import { asOfOf } from '../stores/section-age.ts';
import type { ContactParts, LentBytes, LentContact } from '../stores/store.ts';
import type { CompiledDefinitions, Evaluation, Reach } from './compiled-definitions.ts';

/** A dataset that withholds old values. */
export interface Withholding {
  readonly datasetId: number;
  readonly isPushed: boolean;
  readonly maxAgeMs: number;
  /** When the dataset was last synced; `undefined`: unknown. */
  readonly asOfMs: number | undefined;
}

export interface WalkMoment {
  /** Milliseconds since 1970: the same for all contacts. */
  readonly nowMs: number;
  readonly withholding: readonly Withholding[];
}

export class RecordEvaluator {
  readonly parts: ContactParts;
  readonly #compiled: CompiledDefinitions;
  readonly #slots: readonly FieldSlots[];
  readonly #moment: WalkMoment;
  readonly #evaluation: Evaluation;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  /** The inputs of each dataset that withholds. */
  readonly #ofWithholding: readonly (Withholding & { readonly inputs: readonly number[] })[];

  constructor(compiled: CompiledDefinitions, reach: Reach, moment: WalkMoment) {
    this.parts = { memberships: reach.readsMemberships, identities: reach.readsIdentities };
    this.#compiled = compiled;
    this.#slots = compiled.inputSlots(reach.inputs, 0);
    this.#moment = moment;
    this.#evaluation = compiled.newEvaluation();
    this.#starts = new Uint32Array(compiled.inputs.length);
    this.#ends = new Uint32Array(compiled.inputs.length);
    this.#ofWithholding = moment.withholding.flatMap((one) => {
      const inputs = reach.inputs.filter(
        (number) => compiled.inputs[number]?.field.datasetId === one.datasetId,
      );
      return inputs.length === 0 ? [] : [{ ...one, inputs }];
    });
  }

  /** Call `end` of the evaluation before the contact is no longer lent. */
  begin({ record, memberships, identities }: LentContact): Evaluation {
    const { bytes, length } = record;
    this.#starts.fill(0);
    this.#ends.fill(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    locateFields(view, this.#slots, this.#starts, this.#ends);
    this.#evaluation.begin({
      ...{ bytes, memberships: memberships?.bytes, identities },
      ...{ starts: this.#starts, ends: this.#ends, base: 0 },
      ...{ nowMs: this.#moment.nowMs, withheld: this.#withheld(record) },
    });
    return this.#evaluation;
  }

  #withheld(record: LentBytes): Uint8Array | undefined {
    let withheld: Uint8Array | undefined;
    for (const dataset of this.#ofWithholding) {
      if (!isTooOld(record, dataset, this.#moment.nowMs)) continue;
      withheld ??= new Uint8Array(this.#compiled.inputs.length);
      for (const input of dataset.inputs) withheld[input] = 1;
    }
    if (withheld === undefined) return undefined;
    const amended = amendedFieldIds(record);
    if (amended.size === 0) return withheld;
    return withheld.map((is, input) => {
      return amended.has(this.#compiled.inputs[input]?.field.id ?? 0) ? 0 : is;
    });
  }
}

/** What people amended is never too old. */
export function amendedFieldIds(record: LentBytes): ReadonlySet<number> {
  return new Set(readAmendments(record).map(({ fieldId }) => fieldId));
}

/** An unknown age counts as too old. A contact without pushed values has none that could be old. */
export function isTooOld(record: LentBytes, dataset: Withholding, nowMs: number): boolean {
  const entry = findSectionEntry(record, dataset.datasetId);
  const own = entry < 0 ? undefined : asOfAt(record, entry);
  const asOfMs = asOfOf(own ?? 0, dataset.asOfMs);
  if (asOfMs === undefined) return !(dataset.isPushed && own === undefined);
  return nowMs - asOfMs > dataset.maxAgeMs;
}
