/** Fields and organizations to compile plans from. */
import type { Dataset, OrganizationState } from '../../src/domain/catalog-state.ts';
import type { Field, FieldType } from '../../src/domain/contact/field.ts';
import { usualRules } from '../../src/domain/contact/identity-rules.ts';
import { defaultOrganization } from '../../src/domain/organization.ts';
import { noDefinitions } from '../catalog/catalog-samples.ts';

export function makeField(id: number, datasetId: number, type: FieldType): Field {
  return {
    id,
    name: `field_${id}`,
    type,
    datasetId,
    displayName: null,
    description: null,
    content: true,
    condition: false,
    impliedValue: null,
    sensitivity: null,
    currency: null,
    rule: null,
  };
}

export function stateOf(
  fields: readonly Field[],
  datasets: readonly Dataset[] = [],
): OrganizationState {
  return {
    organization: { ...defaultOrganization('test'), id: 1 },
    revision: 1,
    identityTypes: new Map(),
    identityRules: usualRules,
    fields: new Map(fields.map((field) => [field.name, field])),
    builtInContent: new Map([['flow_variant_membership', true]]),
    datasets: new Map(datasets.map((dataset) => [dataset.name, dataset])),
    definitions: noDefinitions,
  };
}
