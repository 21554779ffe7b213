/** A catalog as YAML that people like to read: short objects on a line, queries as blocks. */
import { Document, isMap, isScalar, visit } from 'yaml';

/** Where editors find what may stand in the file. */
export const catalogSchemaUrl = 'https://usher.dev/usher.schema.json';

const lineWidth = 100;

export function writeCatalogText(catalog: Readonly<Record<string, unknown>>): string {
  const document = new Document(catalog, { version: '1.2', compat: 'yaml-1.1' });
  document.commentBefore = ` yaml-language-server: $schema=${catalogSchemaUrl}`;
  visit(document, {
    Map: (_, map, path) => {
      // The whole, its parts, datasets, their `fields`: those are read from top to bottom.
      if (path.length > nestingOfDatasets && isShort(map.toJSON())) map.flow = true;
    },
    Seq: (_, seq) => {
      if (isShort(seq.toJSON())) seq.flow = true;
    },
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || key.value !== 'fields' || !isMap(value)) return;
      value.flow = false;
    },
  });
  return document.toString({ lineWidth: 0, blockQuote: 'literal' });
}

/** Steps from the document to a dataset: document, map, pair, map, pair, map. */
const nestingOfDatasets = 5;

function isShort(value: unknown): boolean {
  return JSON.stringify(value).length < lineWidth - 20;
}
