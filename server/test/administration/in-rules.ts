/** A catalog with fields for rules: some are conditions, and one is not. */
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { type CatalogForTest, inCatalog } from './in-catalog.ts';

const fields = {
  total_spend: { type: 'currency' },
  cost: { type: 'currency' },
  yen: { type: 'currency', currency: 'JPY' },
  city: { type: 'string' },
  visits: { type: 'integer' },
  born: { type: 'date' },
  notes: { type: 'text' },
  secret: { type: 'string', condition: false },
};

/** The dataset `crm` with the fields above. */
export function crm(dropped: readonly string[] = []) {
  const kept = Object.entries(fields).filter(([name]) => !dropped.includes(name));
  return {
    name: 'crm',
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'Mail' }],
      columns: kept.map(([field]) => ({ column: field, field })),
    },
    fields: new Map(kept),
  };
}

export async function inRules(): Promise<CatalogForTest> {
  const catalog = await inCatalog();
  await defineDataset(catalog.operator, 1, crm());
  await defineDataset(catalog.operator, 1, {
    name: 'staff',
    definition: {
      ...usualDefinition,
      kind: 'list',
      identifiers: [{ identityType: 'email', column: 'Mail' }],
    },
    fields: new Map(),
  });
  return catalog;
}

/** The members of the problem with this code. */
export async function membersOf(
  code: string,
  attempt: Promise<unknown>,
): Promise<Readonly<Record<string, unknown>>> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsherError) || error.code !== code) {
    throw new Error(`there was no problem ${code}`, { cause: error });
  }
  return error.members;
}
