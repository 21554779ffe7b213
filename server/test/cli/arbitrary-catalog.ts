/** A generator of valid catalog documents. */
import fc from 'fast-check';
import { builtInFields, fieldTypes, sensitivities } from '../../src/domain/contact/field.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
/**
 * Column names come from other systems: words of YAML, signs, spaces and letters of all scripts.
 */
const column = fc.oneof(
  fc.constantFrom('yes', 'null', '1', '~', '#', 'a: b', '- x', '*', '0x1', '__proto__', 'é'),
  fc
    .string({ minLength: 1, maxLength: 20 })
    .filter((text) => text.trim() !== '' && !text.includes('\0')),
);
const sql = fc.constantFrom(
  'SELECT 1',
  'SELECT a\nFROM b\n',
  "SELECT 'x: # y'\n  FROM t -- all\n\n",
);

const source = fc.oneof(
  fc.constant({ kind: 'file', paths: ['/data/a b/*.csv', '/data/#1.csv'] }),
  fc.record({ kind: fc.constant('postgres'), url: fc.constant('env:URL'), sql }),
  fc.record({
    kind: fc.constant('query'),
    files: fc.constant({ sales: '/s/*.csv', more: ['/a.csv', '/b.csv'] }),
    sql,
  }),
  fc.constant({
    kind: 'http',
    url: 'https://example.com/a.csv?b=c#d',
    headers: { 'X-Key': 'env:K' },
  }),
);

const field = fc.record(
  {
    type: fc.constantFrom(...fieldTypes.filter((type) => type !== 'date' && type !== 'set')),
    display_name: fc.constantFrom('Stadt: ja', 'yes', 'Ä "b"'),
    description: fc.constantFrom('two\nlines', '# no comment', "it's"),
    content: fc.boolean(),
    condition: fc.boolean(),
    sensitivity: fc.constantFrom(...sensitivities),
    implied_value: fc.constant(null),
  },
  { requiredKeys: ['type'] },
);

const amount = fc.record(
  { type: fc.constant('currency'), currency: fc.constantFrom('EUR', 'JPY', 'KWD') },
  { requiredKeys: ['type'] },
);

const dated = fc.record(
  { type: fc.constant('date'), format: fc.constantFrom({ date_order: 'day-first' }, undefined) },
  { requiredKeys: ['type'] },
);

const dataset = fc
  .record(
    {
      source,
      mode: fc.constantFrom('append', 'snapshot'),
      identifiers: fc.constantFrom(
        { email: 'Mail' },
        { own_id: 'Id', email: 'Mail' },
        { email: ['Mail', 'Other mail'] },
      ),
      max_change_share: fc.constantFrom(0, 0.25, 1),
      max_joined_share: fc.constantFrom(0, 0.2, 1),
      max_age: fc.constantFrom(
        { after: '90s', policy: 'serve' },
        { after: '36h' },
        { after: '2w' },
      ),
      fields: fc.uniqueArray(fc.tuple(name, column, fc.oneof(field, amount, dated)), {
        maxLength: 5,
        selector: ([, from]) => from,
      }),
    },
    { requiredKeys: ['identifiers', 'fields'] },
  )
  .map(({ fields, ...members }) => ({ ...members, fields }));

const identities = fc.record(
  {
    kind: fc.constant('identity'),
    source,
    mode: fc.constantFrom('append', 'snapshot'),
    identifiers: fc.constantFrom(
      { own_id: 'Id', email: ['Mail', 'Other mail'] },
      { email: ['Mail', 'Other mail', 'Old mail'] },
    ),
    fields: fc.constant([]),
  },
  { requiredKeys: ['kind', 'identifiers', 'fields'] },
);

const computedFields = fc.dictionary(
  fc.constantFrom('sum', 'label', 'flag'),
  fc.record(
    {
      rule: fc.constantFrom('1 + 2', '2 * 3', '7'),
      type: fc.constantFrom('integer', 'currency', 'float'),
      description: fc.constantFrom('two\nlines', '# no comment'),
      content: fc.boolean(),
      sensitivity: fc.constantFrom(...sensitivities),
    },
    { requiredKeys: ['rule'] },
  ),
);

/** Each may use those before it. */
const segments = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom('a: b', '- x', 'yes', '#1', "Mother's day", '__proto__', 'Käufer'),
    fc.constantFrom(
      'true',
      'now > date("2024-05-01")',
      '"a\\"b" == "c: d # e"',
      'true &&\n  false\n',
    ),
    fc.record(
      {
        description: fc.constantFrom('two\nlines', 'yes', 'Ä "b"'),
        id: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: [] },
    ),
  ),
  { maxLength: 4, selector: ([one]) => one },
);

/** A field belongs to one dataset, so each field name gets the position of its dataset. */
export const arbitraryCatalog = fc
  .record(
    {
      datasets: fc.uniqueArray(fc.tuple(name, fc.oneof(dataset, identities)), {
        maxLength: 3,
        selector: ([one]) => one,
      }),
      built_in_content: fc.dictionary(
        fc.constantFrom(...builtInFields.map((builtIn) => builtIn.name)),
        fc.boolean(),
      ),
      identity_types: fc.constantFrom(
        { own_id: 'exact', phone_2: 'phone' },
        { own_id: { normalisation: 'exact', blocked: ['n/a', 'x@', '0'] }, phone_2: 'phone' },
        { email: { blocked: [] }, own_id: { blocked: ['guest'] }, phone_2: 'phone' },
        {
          email: { stable: true },
          own_id: { max_per_contact: 100, shared_limit: 1 },
          phone_2: { normalisation: 'phone', joins: false, stable: false },
        },
      ),
      computed_fields: computedFields,
      segments,
      isTrusting: fc.boolean(),
      organization: fc.constantFrom({ currency: 'EUR' }, { time_zone: 'Europe/Berlin' }, {}),
    },
    { requiredKeys: ['datasets', 'identity_types', 'isTrusting', 'segments'] },
  )
  .map(({ datasets, segments: named, isTrusting, organization = {}, ...members }) => ({
    version: 1,
    ...members,
    segments: segmentsOf(named),
    organization: {
      ...organization,
      ...(isTrusting && { trust: datasets.map(([one]) => one).reverse() }),
    },
    datasets: Object.fromEntries(
      datasets.map(([datasetName, { fields, ...others }], at) => [
        datasetName,
        {
          ...others,
          fields: Object.fromEntries(
            fields.map(([fieldName, from, settings], place) => [
              `${fieldName}_${at}_${place}`,
              { column: from, ...settings },
            ]),
          ),
        },
      ]),
    ),
  }));

/** Ids are given once, and every segment but the first uses the one before. */
function segmentsOf(
  named: readonly (readonly [name: string, rule: string, members: { id?: number }])[],
): ReadonlyMap<string, object> {
  const ids = named.map(([, , { id }]) => id);
  return new Map(
    named.map(([segment, rule, { id, ...members }], at) => {
      const before = named[at - 1]?.[0];
      const own = id !== undefined && ids.indexOf(id) === at ? { id } : {};
      const used = before === undefined ? '' : ` || in_segment(${JSON.stringify(before)})`;
      return [segment, { ...members, ...own, rule: `(${rule})${used}` }];
    }),
  );
}
