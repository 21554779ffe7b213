/** Evaluates rules on real records, as a look-up does. */
import type { Field, FieldType } from '../../src/domain/contact/field.ts';
import {
  packMemberships,
  type RecordedMemberships,
} from '../../src/domain/membership/membership.ts';
import type { RuleNames, RuleText } from '../../src/domain/rule/rule-text.ts';
import { checkRule, type RuleContext } from '../../src/membership/check/check-rule.ts';
import { parseRule } from '../../src/membership/check/parse-rule.ts';
import { CompiledDefinitions, type Evaluation } from '../../src/membership/compiled-definitions.ts';
import { ByteScratch } from '../../src/stores/byte-scratch.ts';
import { encodeSection, viewSection } from '../../src/stores/contact-codec.ts';
import { composeRecord, emptySection } from '../../src/stores/merge-section.ts';
import { locateFields } from '../../src/stores/read-record.ts';
import { makeField } from '../lookup/sample-plans.ts';

export interface TrialOptions {
  /** Types of fields by name; they are of the dataset 1, in this order. */
  readonly fields: Readonly<Record<string, FieldType>>;
  /** Implied values as JSON, by the name of a field. */
  readonly implied?: Readonly<Record<string, string>>;
  /** Computed fields by name. They may use those before them. */
  readonly computed?: Readonly<Record<string, readonly [type: FieldType, rule: string]>>;
  /** Rules of segments by name. They may use those before them. */
  readonly segments?: Readonly<Record<string, string>>;
  /** Names of lists. */
  readonly lists?: readonly string[];
  readonly timeZone?: string;
}

export interface TrialContact {
  /** JSON values by the name of a field. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly withheld?: readonly string[];
  readonly lists?: readonly string[];
  readonly memberships?: Partial<RecordedMemberships>;
}

const firstListId = 100;

/** The definitions of an organization, compiled together with some rules. */
export class RuleTrial {
  readonly compiled: CompiledDefinitions;
  readonly fields = new Map<string, Field>();
  readonly #segments = new Map<string, { id: number; name: string; rule: RuleText }>();
  readonly #lists: readonly string[];
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #evaluation: Evaluation;

  constructor(options: TrialOptions, rules: readonly string[] = []) {
    this.#lists = options.lists ?? [];
    for (const [name, type] of Object.entries(options.fields)) {
      this.#addField(name, type, { impliedValue: options.implied?.[name] ?? null });
    }
    for (const [name, [type, rule]] of Object.entries(options.computed ?? {})) {
      const impliedValue = options.implied?.[name] ?? null;
      this.#addField(name, type, { impliedValue, rule: this.read(rule), datasetId: 0 });
    }
    for (const [name, rule] of Object.entries(options.segments ?? {})) {
      const id = this.#segments.size + 1;
      this.#segments.set(name, { id, name, rule: this.read(rule) });
    }
    this.compiled = new CompiledDefinitions({
      fields: this.fields.values(),
      segments: new Map([...this.#segments.values()].map((segment) => [segment.id, segment])),
      lists: new Map(this.#lists.map((name, place) => [firstListId + place, name])),
      timeZone: options.timeZone ?? 'Z',
      rules: rules.map((rule) => this.read(rule)),
    });
    const [fault] = this.compiled.faults;
    if (fault !== undefined) throw new Error(`${fault.kind} ${fault.id}: ${fault.problem.detail}`);
    this.#starts = new Uint32Array(this.compiled.inputs.length + base);
    this.#ends = new Uint32Array(this.compiled.inputs.length + base);
    this.#evaluation = this.compiled.newEvaluation();
  }

  get segments(): readonly {
    readonly id: number;
    readonly name: string;
    readonly rule: RuleText;
  }[] {
    return [...this.#segments.values()];
  }

  /** The rule as it is saved. */
  read(text: string): RuleText {
    const parsed = parseRule(text, this.names);
    if ('problem' in parsed) throw new Error(`${parsed.problem.detail} In: ${text}`);
    const checked = checkRule(parsed.rule, this.names);
    if ('problem' in checked) throw new Error(`${checked.problem.detail} In: ${text}`);
    return checked.rule;
  }

  get names(): RuleNames & RuleContext {
    const fieldOf = (id: number) => [...this.fields.values()].find((field) => field.id === id);
    return {
      usesAllFields: false,
      fieldOf,
      idOf: (kind, name) => {
        if (kind === 'field') return this.fields.get(name)?.id;
        if (kind === 'segment') return this.#segments.get(name)?.id;
        const place = this.#lists.indexOf(name);
        return place === -1 ? undefined : firstListId + place;
      },
      nameOf: (kind, id) => {
        if (kind === 'field') return fieldOf(id)?.name;
        if (kind === 'list') return this.#lists[id - firstListId];
        return [...this.#segments.values()].find((segment) => segment.id === id)?.name;
      },
      namesOf: (kind) => (kind === 'field' ? [...this.fields.keys()] : []),
    };
  }

  #addField(name: string, type: FieldType, more: Partial<Field>): void {
    const field = makeField(this.fields.size + 1, 1, type);
    this.fields.set(name, { ...field, name, condition: true, ...more });
  }

  /** Begins an evaluation of the contact. */
  begin(contact: TrialContact, nowMs: number): Evaluation {
    const bytes = this.#record(contact);
    const { compiled } = this;
    this.#starts.fill(0);
    this.#ends.fill(0);
    const slots = compiled.inputSlots(
      compiled.inputs.map(({ number }) => number),
      base,
    );
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    locateFields(view, slots, this.#starts, this.#ends);
    const { memberships, withheld } = contact;
    const none = { flows: [], journeys: [], campaigns: [], segments: [] };
    this.#evaluation.begin({
      bytes,
      memberships: memberships && Buffer.from(packMemberships({ ...none, ...memberships })),
      starts: this.#starts,
      ends: this.#ends,
      base,
      nowMs,
      withheld:
        withheld &&
        Uint8Array.from(compiled.inputs, ({ field }) => Number(withheld.includes(field.name))),
    });
    return this.#evaluation;
  }

  /** Whether each further rule is true for the contact. */
  truths(evaluation: Evaluation): boolean[] {
    return this.compiled.rules.map(({ condition }) => condition(evaluation));
  }

  /** The value of a computed field; `null`: it has none. */
  value(evaluation: Evaluation, name: string): unknown {
    const json = this.compiled.computed.get(this.fields.get(name)?.id ?? 0)?.readJson(evaluation);
    return json === undefined || json === null ? null : JSON.parse(json);
  }

  #record({ values, lists = [] }: TrialContact): Buffer {
    const filled = [...this.fields.values()].flatMap(({ id, name }) => {
      const value = values[name];
      if (value === undefined || value === null) return [];
      return [[id, Buffer.from(JSON.stringify(value))] as const];
    });
    const view = viewSection(encodeSection(filled)) ?? emptySection;
    const marks = this.#lists.flatMap((name, place) => {
      return lists.includes(name) ? [{ datasetId: firstListId + place, view: emptySection }] : [];
    });
    const sections = [{ datasetId: 1, view }, ...marks].map((section) => {
      return { ...section, asOfMs: 1, sourceVersion: 1n };
    });
    const scratch = new ByteScratch();
    const record = { contactId: new Uint8Array(16), revision: 1n, sections };
    const length = composeRecord(scratch, record);
    return Buffer.from(scratch.bytes.subarray(0, length));
  }
}

/** Slots in front of those of the inputs, as the fields of an answer have. */
const base = 3;
