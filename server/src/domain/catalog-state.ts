/**
 * The catalog state: an immutable copy of the catalog in memory, which answers requests. `catalog/`
 * makes it; authentication and look-ups read it.
 */
import type { Field } from './contact/field.ts';
import type { IdentityRules } from './contact/identity-rules.ts';
import type { IdentityType } from './contact/identity-type.ts';
import type { DatasetDefinition } from './dataset/dataset-definition.ts';
import type { Definitions } from './membership/definitions.ts';
import type { Organization } from './organization.ts';
import type { Token } from './token/token.ts';

export interface Dataset {
  /** 1 to 65,535. Unique in the organization, and never given to another dataset. */
  readonly id: number;
  readonly name: string;
  /** `null` until the dataset is first defined. */
  readonly definition: DatasetDefinition | null;
  /**
   * 0 until the dataset is first defined. Grows when a new definition changes what the rows of the
   * source mean.
   */
  readonly definitionVersion: number;
}

export interface OrganizationState {
  readonly organization: Organization;
  /** Grows with each change of this organization's definitions, tokens or settings. */
  readonly revision: number;
  /** By name. Includes the built-in ones. */
  readonly identityTypes: ReadonlyMap<string, IdentityType>;
  readonly identityRules: IdentityRules;
  /** By name, in order of creation. Built-in fields are not included. */
  readonly fields: ReadonlyMap<string, Field>;
  /** By the name of a built-in field: whether look-ups may return it. */
  readonly builtInContent: ReadonlyMap<string, boolean>;
  /** By name. */
  readonly datasets: ReadonlyMap<string, Dataset>;
  readonly definitions: Definitions;
}

export interface CatalogState {
  /** Two states with equal revisions are equal. */
  readonly revision: number;
  /** By id. */
  readonly organizations: ReadonlyMap<number, OrganizationState>;
  /** By token id, without revoked tokens. Each request checks the expiry. */
  readonly tokens: ReadonlyMap<string, Token>;
}
