/** A catalog as YAML that people like to read: short objects on a line, queries as blocks. */
import { Document, isCollection, isScalar, visit } from 'yaml';
import { isTerminalSafe } from '../../domain/terminal-text.ts';

/**
 * Where editors look for what may stand in the file: beside it, where `usher export --schema` puts
 * it.
 */
const schemaFile = './usher.schema.json';

const lineWidth = 100;

export function writeCatalogText(catalog: Readonly<Record<string, unknown>>): string {
  return `# yaml-language-server: $schema=${schemaFile}\n\n${yamlText(catalog)}`;
}

/** A part of a catalog, or all of it. */
export function yamlText(value: unknown): string {
  // Words that mean something to YAML 1.1 are quoted, for other readers.
  const document = new Document(value, { version: '1.2', compat: 'yaml-1.1' });
  visit(document, {
    Pair: (_, { key, value: below }) => {
      if (!isScalar(key) || !isCollection(below)) return;
      below.flow = !wide.has(String(key.value)) && isShort(below.toJSON());
    },
    Scalar: (_, scalar) => {
      // In quotes a terminal's escape of it means the same text.
      const isSafe = typeof scalar.value !== 'string' || isTerminalSafe(scalar.value);
      if (!isSafe) scalar.type = 'QUOTE_DOUBLE';
    },
    Seq: (_, seq) => {
      if (isShort(seq.toJSON())) seq.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, blockQuote: 'literal' });
}

/** What is read from top to bottom, an entry a line. */
const wide: ReadonlySet<string> = new Set([
  ...['organization', 'identity_types', 'built_in_content', 'datasets', 'fields'],
]);

function isShort(value: unknown): boolean {
  return JSON.stringify(value).length < lineWidth - 20;
}
