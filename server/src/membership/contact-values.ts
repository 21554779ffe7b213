/**
 * Reads the values of fields from contacts that the store lends, as JSON: those of datasets and
 * those that rules compute. A missing value is the implied one, a withheld one is null.
 */
import { defaultImpliedValue, type Field } from '../domain/contact/field.ts';
import { type FieldSlots, locateFields } from '../stores/read-record.ts';
import type { ContactParts, LentBytes, LentContact } from '../stores/store.ts';
import type { CompiledDefinitions } from './compiled-definitions.ts';
import {
  amendedFieldIds,
  isTooOld,
  RecordEvaluator,
  type WalkMoment,
  type Withholding,
} from './record-evaluator.ts';

export class ContactValues {
  readonly parts: ContactParts;
  readonly #fields: readonly Field[];
  readonly #implied: readonly string[];
  readonly #slots: readonly FieldSlots[];
  readonly #compiled: CompiledDefinitions;
  readonly #evaluator: RecordEvaluator | null;
  readonly #moment: WalkMoment;
  readonly #withholding: ReadonlyMap<number, Withholding>;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;

  constructor(compiled: CompiledDefinitions, fields: readonly Field[], moment: WalkMoment) {
    const computedIds = fields.filter(({ rule }) => rule !== null).map(({ id }) => id);
    this.#evaluator =
      computedIds.length === 0
        ? null
        : new RecordEvaluator(compiled, compiled.reach({ computedIds }), moment);
    this.parts = this.#evaluator?.parts ?? { memberships: false, identities: false };
    this.#compiled = compiled;
    this.#fields = fields;
    this.#implied = fields.map(({ impliedValue, type }) => {
      return impliedValue ?? defaultImpliedValue(type);
    });
    this.#slots = slotsOf(fields);
    this.#moment = moment;
    this.#withholding = new Map(moment.withholding.map((one) => [one.datasetId, one]));
    this.#starts = new Uint32Array(fields.length);
    this.#ends = new Uint32Array(fields.length);
  }

  /** The JSON of each field, in their order. */
  read(contact: LentContact): readonly string[] {
    const { record } = contact;
    this.#starts.fill(0);
    this.#ends.fill(0);
    const view = new DataView(record.bytes.buffer, record.bytes.byteOffset, record.length);
    locateFields(view, this.#slots, this.#starts, this.#ends);
    const evaluation = this.#evaluator?.begin(contact);
    try {
      return this.#fields.map((field, place) => {
        const implied = this.#implied[place] ?? 'null';
        if (field.rule !== null) {
          const computed = this.#compiled.computed.get(field.id);
          return (evaluation && computed?.readJson(evaluation)) ?? implied;
        }
        if (this.#isWithheld(record, field)) return 'null';
        const start = this.#starts[place] ?? 0;
        return start === 0 ? implied : record.bytes.toString('utf8', start, this.#ends[place]);
      });
    } finally {
      evaluation?.end();
    }
  }

  #isWithheld(record: LentBytes, { datasetId, id }: Field): boolean {
    const withholding = this.#withholding.get(datasetId);
    if (withholding === undefined || !isTooOld(record, withholding, this.#moment.nowMs)) {
      return false;
    }
    return !amendedFieldIds(record).has(id);
  }
}

function slotsOf(fields: readonly Field[]): readonly FieldSlots[] {
  const placed = fields.map((field, slot) => ({ field, slot }));
  const stored = placed.filter(({ field }) => field.rule === null);
  return [...Map.groupBy(stored, ({ field }) => field.datasetId)]
    .sort(([one], [other]) => one - other)
    .map(([datasetId, ofDataset]) => {
      const sorted = ofDataset.toSorted((one, other) => one.field.id - other.field.id);
      return {
        datasetId,
        fieldIds: sorted.map(({ field }) => field.id),
        slots: sorted.map(({ slot }) => slot),
      };
    });
}
