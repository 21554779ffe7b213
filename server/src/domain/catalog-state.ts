/**
 * What every request is served from: an immutable picture of the catalog in memory. The catalog
 * makes it (`catalog/`), the look-up side and authentication read it; nothing changes it.
 */

import type { Field } from './contact/field.ts';
import type { IdentityType } from './contact/identity-type.ts';
import type { DatasetDefinition } from './dataset/dataset-definition.ts';
import type { Organization } from './organization.ts';
import type { Token } from './token/token.ts';

export interface Dataset {
  /** 1 to 65,535, unique in the organization, never used again. */
  readonly id: number;
  readonly name: string;
  /** `null` until it is first defined. */
  readonly definition: DatasetDefinition | null;
  /** 0 until it is first defined; grows when rows become something else by a new definition. */
  readonly definitionVersion: number;
}

export interface OrganizationState {
  readonly organization: Organization;
  /** Moves with each change of this organization's definitions, tokens or settings. */
  readonly revision: number;
  /** By name, built-in ones included. */
  readonly identityTypes: ReadonlyMap<string, IdentityType>;
  /** By name, in order of creation; built-in fields are not in it. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Content flags of the built-in fields. */
  readonly builtInContent: ReadonlyMap<string, boolean>;
  /** By name. */
  readonly datasets: ReadonlyMap<string, Dataset>;
}

export interface CatalogState {
  /** Of the whole catalog: equal revisions mean equal states. */
  readonly revision: number;
  /** By id. */
  readonly organizations: ReadonlyMap<number, OrganizationState>;
  /**
   * Tokens that are not revoked, by token id (the 12 characters after `ush_`). Expiry is judged at
   * each request.
   */
  readonly tokens: ReadonlyMap<string, Token>;
}
