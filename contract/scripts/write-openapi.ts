/**
 * Writes `contract/openapi.json` from the operations, or, with `--check`, fails when the committed one is another.
 *
 *     npm run openapi
 *     npm run openapi -- --check
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { buildOpenapi } from '../src/openapi-document.ts';

const file = new URL('../openapi.json', import.meta.url);
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };
const text = `${JSON.stringify(buildOpenapi({ version }), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('contract/openapi.json is not what the operations say. Run: npm run openapi');
  process.exitCode = 1;
}
