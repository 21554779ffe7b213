/**
 * What is asked of a dataset, whether it came as a catalog file, over HTTP, or from the code; and
 * what it comes to.
 */
import type { DatasetRecord, OrganizationRecord } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
import type { FieldSettings } from '../field-settings.ts';
import type { DefinitionProblems } from './definition-problems.ts';

export interface DatasetRequest {
  readonly name: string;
  readonly definition: DatasetDefinition;
  /**
   * Of each field that the definition's columns name. A new one needs a type, and is content and
   * condition unless it says otherwise; of a known one, what is not said stays.
   */
  readonly fields: ReadonlyMap<string, FieldSettings>;
  /** Identity types to make where the organization has none of the name, as `exact`. */
  readonly newIdentityTypes?: readonly string[];
  /**
   * Fields of the dataset that the request does not name stay with their columns; else they are
   * dropped.
   */
  readonly keepsOthers?: boolean;
}

export interface CheckedDatasetRequest {
  /** `undefined`: it is to be made. */
  readonly dataset: DatasetRecord | undefined;
  /** As it is to be. */
  readonly definition: DatasetDefinition;
  /** Those of the request that the organization has not. */
  readonly newIdentityTypes: readonly string[];
  /** As they are to be; a new one has the id 0. */
  readonly fields: readonly Field[];
  readonly dropped: readonly Field[];
}

export interface DatasetSubject {
  readonly organization: OrganizationRecord;
  readonly request: DatasetRequest;
  readonly problems: DefinitionProblems;
}
