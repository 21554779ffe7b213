/** Forbidden uses of lent memory, which the checker must find, and one correct use. */

const path = 'server/src/sync/a.ts';

function fault(code: string, words: RegExp): readonly [path: string, text: string, words: RegExp] {
  return [path, `// A.\n${code}`, words];
}

export const lentFaults = [
  fault(
    'export const a = (r: Reader) => r.lendContact(q, async ({ record }) => record.length);',
    /is async/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, async function* ({ record }) {});',
    /is async/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, function* ({ record }) { yield 1; });',
    /is a generator/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, read);\nasync function read({ record }: C) {}',
    /is async/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, (c) => { later.then(() => c.record.length); });',
    /calls then/,
  ),
  fault(
    'export const a = (r: Reader) => r.readContacts(q, (c) => { setImmediate(() => c.record); });',
    /calls setImmediate/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, (c) => { f(new Promise(() => c)); });',
    /calls Promise/,
  ),
  fault(
    'export const a = (r: Reader, read: Read) => r.lendContact(q, elsewhere.read);',
    /not in this file/,
  ),
  fault(
    'let kept: unknown;\nexport const a = (r: Reader) => r.lendContact(q, (c) => { kept = c.record; });',
    /stores lent memory/,
  ),
  fault(
    'export class A { a(r: Reader) { r.lendContact(q, ({ record }) => { this.b = record.bytes; }); } }',
    /stores lent memory/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, (c) => { all.push(c.record.bytes); });',
    /stores lent memory/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, (c) => c.record.bytes.subarray(0, 16));',
    /gives lent memory back/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, (c) => { return c.record; });',
    /gives lent memory back/,
  ),
  fault(
    'export const a = (r: Reader) => r.lendContact(q, (c) => { const { bytes } = c.record; all.add(bytes); });',
    /stores lent memory/,
  ),
  fault('export async function a(record: LentBytes) {}', /is async/),
  fault('export function a({ record }: LentContact) { void b.then(() => record); }', /calls then/),
  fault('export async function a(db: Database) { return db.getBinaryFast(key); }', /is async/),
  fault('export function a(): Promise<LentBytes> { return b(); }', /a Promise of lent memory/),
  fault(
    'export function a(): Awaitable<LentBytes | undefined> { return b(); }',
    /an? Awaitable of lent memory/,
  ),
  fault('export class A { readonly #last: LentBytes | undefined; }', /in a property/),
];

export const soundLending = `// A.
export const a = async (r: Reader) => {
  const found = r.lendContact(query, lengthOf);
  const length = found instanceof Promise ? await found : found;
  return length ?? (await r.lendContact(query, ({ record }) => record.bytes.toString('hex')));
};
function lengthOf({ record }: LentContact): number {
  const { bytes } = record;
  return Math.max(bytes.length, record.length);
}
`;
