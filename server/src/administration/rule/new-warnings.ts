/** What a change makes computed fields show of hidden fields, for people who make the change. */
import type { CatalogView } from '../../catalog/catalog.ts';
import type { Actor } from '../administration.ts';
import { hasWholeSight } from '../token/actor-sight.ts';
import { readRuleBook } from './rule-book.ts';
import { fieldWarnings } from './shown-inputs.ts';

export interface WarningsBefore {
  /** Call it after all writes of the change. Each warning begins with the name of its field. */
  newWarnings(): Promise<readonly string[]>;
}

/**
 * Call it before the first write of a change. A token with lists gets no warnings, because they
 * name computed fields.
 */
export async function noteWarnings(
  view: CatalogView,
  organizationId: number,
  actor: Actor,
): Promise<WarningsBefore> {
  if (!hasWholeSight(actor)) return { newWarnings: async () => [] };
  const before = new Set(await listWarnings(view, organizationId));
  return {
    async newWarnings() {
      const after = await listWarnings(view, organizationId);
      return after.filter((words) => !before.has(words));
    },
  };
}

async function listWarnings(view: CatalogView, organizationId: number): Promise<string[]> {
  const book = await readRuleBook(view, organizationId);
  const warnings = fieldWarnings(book);
  return [...book.fields.values()].flatMap(({ id, name, rule }) =>
    (rule === null ? [] : (warnings.get(id) ?? [])).map((words) => `${name}: ${words}`),
  );
}
