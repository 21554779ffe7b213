/** The settings of the model as the rules that a store is given. */
import type { IdentityRules } from '../../src/domain/contact/identity-rules.ts';
import type { IdentitySettings } from './identity-state.ts';

/** Every type that histories and scenarios name; the place is the id less 3. */
const typeNames = ['email', 'em', 'no', 'number', 'phone', 'ph', 'user'];

export function typeIdOf(type: string): number {
  return typeNames.indexOf(type) + 3;
}

export function makeIdentityRulesOf(settings: IdentitySettings): IdentityRules {
  const datasetIdOf = (dataset: string) =>
    11 + settings.datasets.findIndex(({ name }) => name === dataset);
  return {
    types: settings.types.map(({ name, joins, isStable, maxPerContact }) => {
      return {
        id: typeIdOf(name),
        joins,
        isStable,
        maxPerContact,
        sharedLimit: settings.sharedLimit,
      };
    }),
    trust: settings.trust.map(datasetIdOf),
    names: {
      types: settings.types.map(({ name }) => [typeIdOf(name), name] as const),
      datasets: settings.datasets.map(({ name }) => [datasetIdOf(name), name] as const),
    },
  };
}
