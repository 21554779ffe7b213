/**
 * Tries one file. The file must be read, or refused with an explanation. No message may show a
 * value of the file, and a refusal must leave the store unchanged.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { UsherError } from '../../src/domain/errors.ts';
import { type Imported, ImportPlace } from '../sync/import-place.ts';
import { canary, type HostileFile } from './hostile-file.ts';

/** The memory of the engine. The whole process may use three times as much. */
const engineBytes = 536_870_912;
export const maxProcessBytes = engineBytes * 3;

export async function tryHostile(file: HostileFile, context: TestContext): Promise<void> {
  const [, extension, make] = file;
  const place = new ImportPlace(context);
  place.memoryBytes = engineBytes;
  const path = place.write(`people.${extension}`, await make());
  await judgeHostile(file, place, () => place.import(path, askedOf(file)));
}

function askedOf([, , , , , options]: HostileFile) {
  const { identifier } = options ?? {};
  return identifier === undefined ? {} : { identifiers: [{ type: 'email', column: identifier }] };
}

export async function judgeHostile(
  [name, , , outcome]: HostileFile,
  place: ImportPlace,
  bringIn: () => Promise<Imported>,
): Promise<void> {
  let imported: Imported | undefined;
  try {
    imported = await bringIn();
  } catch (error) {
    assert.ok(error instanceof UsherError, `${name}: ${String(error)}`);
    assert.ok(error.code === 'definition_invalid', `${error.code}: ${error.detail}`);
    assert.ok(!error.detail.includes(canary), `the message shows a value: ${error.detail}`);
    assert.doesNotMatch(error.detail, /[^\P{Cc}\n]/u, 'the message contains control characters');
    assert.ok(error.detail.length < 2_000, `the message has ${error.detail.length} characters`);
    assert.ok(outcome === 'any' || outcome instanceof RegExp, `refused: ${error.detail}`);
    if (outcome instanceof RegExp) assert.match(error.detail, outcome);
    assert.equal(await place.find('email:a@x.org'), undefined);
  }
  if (imported === undefined) return;
  const { report, rejections, notes } = imported;
  assert.ok(
    !(outcome instanceof RegExp),
    `read: ${report.added} added, ${report.rejected} rejected`,
  );
  assert.ok(
    !notes.concat(rejections).some((text) => text.includes(canary)),
    'a note or rejection shows a value',
  );
  if (outcome === 'any') return;
  const [added, rejected, first] = outcome;
  assert.equal(report.added, added ?? report.added, rejections.slice(0, 5).join('\n'));
  assert.equal(report.rejected, rejected ?? report.rejected, rejections.slice(0, 5).join('\n'));
  if (first !== undefined) assert.match(rejections[0] ?? '', first);
}
