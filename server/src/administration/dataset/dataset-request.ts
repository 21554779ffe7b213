/** The request to define a dataset, from a catalog file, HTTP or code, and its checked form. */
import type { DatasetRecord, OrganizationRecord } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
import type { FieldSettings } from '../field-settings.ts';
import type { NewIdentityType } from '../identity-types.ts';
import type { DefinitionProblems } from './definition-problems.ts';

export interface DatasetRequest {
  readonly name: string;
  readonly definition: DatasetDefinition;
  /**
   * Settings of each field that the columns name. A new field needs a type; its flags are on by
   * default. A known field keeps the settings that are not given.
   */
  readonly fields: ReadonlyMap<string, FieldSettings>;
  /** Identity types to add, unless the organization has them. */
  readonly newIdentityTypes?: readonly NewIdentityType[];
  /**
   * Whether fields that the request does not name stay, with their columns. If not, they are
   * dropped.
   */
  readonly keepsOthers?: boolean;
}

export interface CheckedDatasetRequest {
  /** `undefined` if it does not exist yet. */
  readonly dataset: DatasetRecord | undefined;
  /** The new definition. */
  readonly definition: DatasetDefinition;
  /** Only those that the organization lacks. */
  readonly newIdentityTypes: readonly NewIdentityType[];
  /** The fields after the change. A new field has the id 0. */
  readonly fields: readonly Field[];
  readonly dropped: readonly Field[];
}

export interface DatasetSubject {
  readonly organization: OrganizationRecord;
  readonly request: DatasetRequest;
  readonly problems: DefinitionProblems;
}
