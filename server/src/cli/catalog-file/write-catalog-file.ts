/** Writes a catalog as readable YAML: short objects on one line, queries as blocks. */
import { Document, isCollection, isScalar, visit } from 'yaml';
import { isTerminalSafe, yamlTerminalText } from '../../domain/terminal-text.ts';

/** Editors read the schema beside the file, where `usher export --schema --out` puts it. */
const schemaFile = './usher.schema.json';

const lineWidth = 100;

export function writeCatalogText(catalog: Readonly<Record<string, unknown>>): string {
  return `# yaml-language-server: $schema=${schemaFile}\n\n${yamlText(catalog)}`;
}

/** All of a catalog, or a part of it. */
export function yamlText(value: unknown): string {
  // Words that mean something in YAML 1.1, such as `no`, get quotes, because other programs may
  // read the file as YAML 1.1.
  const document = new Document(value, { version: '1.2', compat: 'yaml-1.1' });
  visit(document, {
    Pair: (_, { key, value: below }) => {
      if (!isScalar(key) || !isCollection(below)) return;
      below.flow = !wide.has(String(key.value)) && isShort(below.toJSON());
    },
    Scalar: (_, scalar) => {
      // A text with control characters gets double quotes: in these, YAML writes the characters as
      // escapes, which a terminal only shows and YAML reads as the same text.
      const isSafe = typeof scalar.value !== 'string' || isTerminalSafe(scalar.value);
      if (!isSafe) scalar.type = 'QUOTE_DOUBLE';
    },
    Seq: (_, seq) => {
      if (isShort(seq.toJSON())) seq.flow = true;
    },
  });
  // The library escapes control characters only. The rest would be invisible in the file, too.
  return yamlTerminalText(document.toString({ lineWidth: 0, blockQuote: 'literal' }));
}

/** Members with one entry a line. */
const wide: ReadonlySet<string> = new Set([
  ...['organization', 'identity_types', 'built_in_content', 'datasets', 'fields'],
  ...['computed_fields', 'segments', 'flows', 'exclusion_groups'],
]);

function isShort(value: unknown): boolean {
  return JSON.stringify(value).length < lineWidth - 20;
}
