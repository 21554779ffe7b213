/**
 * Writes `contract/openapi.json` from the operations, `contract/usher.schema.json` from the schema
 * of the catalog file, and `docs/privacy-export.schema.json` from that of a person's export. With
 * `--check`, fails if a committed file differs.
 *
 *     npm run openapi
 *     npm run openapi -- --check
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { buildCatalogFileSchema } from '../src/catalog-file-schema.ts';
import { buildOpenapi } from '../src/openapi-document.ts';
import { buildPrivacyExportSchema } from '../src/privacy-export-schema.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

const documents = [
  { name: 'contract/openapi.json', document: buildOpenapi({ version }) },
  { name: 'contract/usher.schema.json', document: buildCatalogFileSchema() },
  { name: 'docs/privacy-export.schema.json', document: buildPrivacyExportSchema() },
];

for (const { name, document } of documents) {
  const file = new URL(`../../${name}`, import.meta.url);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} differs from the schemas. To write it again: npm run openapi`);
    process.exitCode = 1;
  }
}
