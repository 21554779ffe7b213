/** Turns named schemas (`$id`) and references to them into OpenAPI's components. */
import type { TSchema } from 'typebox';
import { accessEntrySchema } from './access-schema.ts';
import { auditEntrySchema } from './audit-schema.ts';
import { listedContactSchema } from './contact-list-schema.ts';
import {
  datasetDefinitionSchema,
  datasetSchema,
  datasetVersionSchema,
  definedDatasetSchema,
} from './dataset-schema.ts';
import { datasetStatusSchema } from './dataset-status-schema.ts';
import { definitionEditSchema, segmentSchema } from './definition-schema.ts';
import { fieldReaderSchema, fieldSchema } from './field-schema.ts';
import { exclusionGroupSchema, flowSchema } from './flow-schema.ts';
import { identityTypeSchema } from './identity-type-schema.ts';
import { joinSchema } from './join-schema.ts';
import type { JsonObject } from './json-object.ts';
import { contactSchema, freshnessSchema } from './lookup-schema.ts';
import { privacyRequestSchema, receiptSchema } from './privacy-schema.ts';
import { problemSchema } from './problem-schema.ts';
import { runSchema } from './run-schema.ts';
import { tokenSchema } from './token-schema.ts';
import { uploadSampleSchema, uploadSchema } from './upload-schema.ts';
import { userSchema, userSessionSchema } from './user-schema.ts';

/** Schemas that others refer to by name. */
const named = [
  problemSchema,
  contactSchema,
  freshnessSchema,
  tokenSchema,
  userSchema,
  userSessionSchema,
  fieldSchema,
  fieldReaderSchema,
  identityTypeSchema,
  datasetDefinitionSchema,
  datasetSchema,
  definedDatasetSchema,
  datasetVersionSchema,
  runSchema,
  datasetStatusSchema,
  uploadSchema,
  uploadSampleSchema,
  segmentSchema,
  definitionEditSchema,
  flowSchema,
  exclusionGroupSchema,
  joinSchema,
  listedContactSchema,
  auditEntrySchema,
  accessEntrySchema,
  receiptSchema,
  privacyRequestSchema,
];

export class OpenapiSchemas {
  readonly #components = new Map<string, unknown>();

  constructor() {
    for (const schema of named) this.reference(schema);
  }

  /** The schema for a document; a reference if it has a name. */
  reference(schema: TSchema): unknown {
    return this.#convert(schema);
  }

  /** Replaces a component. */
  set(name: string, schema: JsonObject): void {
    this.#components.set(name, schema);
  }

  /** All named schemas, sorted. */
  components(): JsonObject {
    const byName = [...this.#components].sort(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(byName);
  }

  #convert(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map((item) => this.#convert(item));
    if (typeof schema !== 'object' || schema === null) return schema;
    const { $id, ...members } = schema as JsonObject;
    const converted = Object.fromEntries(
      Object.entries(members).map(([name, value]) => [name, this.#member(name, value)]),
    );
    if (typeof $id !== 'string') return converted;
    if (!this.#components.has($id)) this.#components.set($id, converted);
    return { $ref: pathOf($id) };
  }

  #member(name: string, value: unknown): unknown {
    return name === '$ref' && typeof value === 'string' ? pathOf(value) : this.#convert(value);
  }
}

function pathOf(name: string): string {
  return `#/components/schemas/${name}`;
}
