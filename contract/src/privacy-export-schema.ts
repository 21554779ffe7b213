/** The JSON Schema of an export's document, for `docs/privacy-export.schema.json`. */
import type { JsonObject } from './json-object.ts';
import { privacyExportSchema } from './privacy-schema.ts';

export function buildPrivacyExportSchema(): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Everything that Usher knows of a person',
    ...(withoutIds(privacyExportSchema) as JsonObject),
  };
}

/** A schema that is used in several places must not have the same `$id` in each. */
function withoutIds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutIds);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).filter(([name]) => name !== '$id');
  return Object.fromEntries(members.map(([name, value]) => [name, withoutIds(value)]));
}
