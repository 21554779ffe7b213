/**
 * `npm run bench:rules [-- --segments 50 --rounds 11]`: what it costs to evaluate segments on the
 * record of a contact, in nanoseconds of CPU time, without a store and without HTTP. Each segment
 * has three clauses; a third of them depend on the time. Each of 1,000 contacts has 40 fields.
 *
 * It prints the time to find the inputs in the record, and the time to evaluate all segments: the
 * median of the rounds, for a contact and for a segment.
 */
import { parseArgs } from 'node:util';
import type { Field, FieldType } from '../server/src/domain/contact/field.ts';
import type { RuleText } from '../server/src/domain/rule/rule-text.ts';
import { CompiledDefinitions } from '../server/src/membership/compiled-definitions.ts';
import { ByteScratch } from '../server/src/stores/byte-scratch.ts';
import { encodeSection, viewSection } from '../server/src/stores/contact-codec.ts';
import { composeRecord, emptySection } from '../server/src/stores/merge-section.ts';
import { locateFields } from '../server/src/stores/read-record.ts';
import { median } from './lookup/median.ts';

const { values } = parseArgs({
  options: {
    segments: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '11' },
  },
});
const contactCount = 1_000;
const passes = 20;
const nowMs = Date.parse('2026-03-30T10:00:00Z');

const types: readonly FieldType[] = [
  ...(['string', 'currency', 'integer', 'boolean', 'date', 'set', 'float', 'rate'] as const),
];

const fields = Array.from({ length: 40 }, (_, place): Field => {
  const type = types[place % types.length] ?? 'string';
  return {
    ...{ id: place + 1, name: `field_${place}`, type, datasetId: 1, rule: null },
    ...{ displayName: null, description: null, content: true, condition: true },
    ...{ impliedValue: null, sensitivity: null, currency: null },
  };
});

/** `$0` to `$7` are fields, one of each type. */
function ruleOf(place: number): RuleText {
  const texts = [
    `$1 > ${place * 10}.5 && $0 == "NY" && $4 < now - days(${30 + place})`,
    `$2 in [1, 2, ${place}] && $0 in ["NY", "NJ", "CA"] && $3`,
    `"gold" in $5 && $6 < ${place * 3}.0 && $7 >= 0.1`,
  ];
  const first = (place % 5) * types.length + 1;
  return (texts[place % 3] ?? '')
    .split(/(\$[0-7])/)
    .map((part) =>
      part.startsWith('$') ? { kind: 'field', id: first + Number(part.slice(1)) } : part,
    );
}

function fieldValue(contact: number, place: number): unknown {
  const n = (contact * 31 + place * 17) % 97;
  const day = `${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + (n % 28)).padStart(2, '0')}`;
  const made = [n % 2 === 0 ? `Nowhere ${n}` : 'NY', n * 12.34, n % 5, n % 2 === 0];
  const others = [`2025-${day}`, ['silver', 'gold', `tag ${n}`].slice(0, 1 + (n % 3)), n * 1.5];
  return [...made, ...others, n / 100][place % types.length];
}

function recordOf(contact: number): Buffer {
  const section = fields.map(({ id }, place) => {
    return [id, Buffer.from(JSON.stringify(fieldValue(contact, place)))] as const;
  });
  const view = viewSection(encodeSection(section)) ?? emptySection;
  const sections = [{ datasetId: 1, view, asOfMs: 1, sourceVersion: 1n }];
  const scratch = new ByteScratch();
  const length = composeRecord(scratch, { contactId: new Uint8Array(16), revision: 1n, sections });
  return Buffer.from(scratch.bytes.subarray(0, length));
}

function cpuNs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / (contactCount * passes);
}

const segmentCount = Number(values.segments);
const compiled = new CompiledDefinitions({
  fields,
  segments: new Map(
    Array.from({ length: segmentCount }, (_, place) => {
      return [place + 1, { id: place + 1, name: `Segment ${place}`, rule: ruleOf(place) }] as const;
    }),
  ),
  lists: new Map(),
  timeZone: 'America/New_York',
});
const conditions = [...compiled.segments.values()].map(({ condition }) => condition);
const slots = compiled.inputSlots(
  compiled.reach({ segmentIds: compiled.segments.keys() }).inputs,
  0,
);
const starts = new Uint32Array(compiled.inputs.length);
const ends = new Uint32Array(compiled.inputs.length);
const evaluation = compiled.newEvaluation();
const records = Array.from({ length: contactCount }, (_, contact) => {
  const bytes = recordOf(contact);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const places = { bytes, starts, ends, base: 0, nowMs };
  return { view, places: { ...places, memberships: undefined, withheld: undefined } };
});

/** @returns how many segments the contacts are in, which also keeps the work from being left out */
function evaluateAll(isEvaluated: boolean): number {
  let members = 0;
  for (let pass = 0; pass < passes; pass += 1) {
    for (const { view, places } of records) {
      starts.fill(0);
      locateFields(view, slots, starts, ends);
      if (!isEvaluated) continue;
      evaluation.begin(places);
      for (const condition of conditions) if (condition(evaluation)) members += 1;
    }
  }
  return members;
}

const [fault] = compiled.faults;
if (fault !== undefined) throw new Error(fault.problem.detail);
let members = 0;
const rounds = Array.from({ length: Number(values.rounds) }, () => {
  const locating = cpuNs(() => evaluateAll(false));
  const all = cpuNs(() => {
    members = evaluateAll(true);
  });
  return { locating, evaluating: all - locating };
});
const locating = median(rounds.map((round) => round.locating));
const evaluating = median(rounds.map((round) => round.evaluating));
console.log(`inputs found: ${locating.toFixed(0)} ns for a contact`);
console.log(
  `${segmentCount} segments evaluated: ${evaluating.toFixed(0)} ns for a contact, ${(evaluating / segmentCount).toFixed(0)} ns for a segment`,
);
console.log(`members: ${((members * 100) / (passes * contactCount * segmentCount)).toFixed(1)} %`);
