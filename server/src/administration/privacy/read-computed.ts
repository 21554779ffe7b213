/** What rules compute of a contact: nothing of it is stored, but look-ups answer it. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { firstVariant, notInFlow } from '../../membership/compile/compile-context.ts';
import { compiledDefinitionsOf } from '../../membership/compiled-definitions.ts';
import { evaluateContact } from '../../membership/evaluate-contact.ts';
import type { ContactReader, IdentityKey } from '../../stores/store.ts';

export interface ExportedComputed {
  /** Computed fields with a value, by name. */
  readonly fields: readonly { readonly field: string; readonly value: unknown }[];
  readonly segments: readonly { readonly id: number; readonly name: string }[];
  /** Live flows that follow a segment. */
  readonly flows: readonly {
    readonly id: number;
    readonly name: string;
    readonly variant: string | null;
  }[];
}

const nothingComputed: ExportedComputed = { fields: [], segments: [], flows: [] };

/**
 * As of now, from all values: also those that look-ups withhold.
 * @param nowMs milliseconds since the epoch
 */
export async function readComputed(
  reader: ContactReader,
  organization: OrganizationState,
  asked: { readonly identity: IdentityKey; readonly nowMs: number },
): Promise<ExportedComputed> {
  const { definitions } = organization;
  const compiled = compiledDefinitionsOf(organization);
  const reach = compiled.reach({
    segmentIds: compiled.segments.keys(),
    computedIds: compiled.computed.keys(),
    flowIds: compiled.flows.keys(),
  });
  const query = {
    organizationId: organization.organization.id,
    identity: asked.identity,
    parts: { memberships: reach.readsMemberships, identities: reach.readsIdentities },
  };
  const moment = { compiled, reach, nowMs: asked.nowMs };
  const found = await reader.lendContact(query, (contact) =>
    evaluateContact(contact, moment, (evaluation) => {
      const fields = [...compiled.computed.values()].flatMap(({ field, readJson }) => {
        const json = readJson(evaluation);
        return json === null ? [] : [{ field: field.name, value: JSON.parse(json) as unknown }];
      });
      const segments = [...compiled.segments].flatMap(([id, { condition }]) =>
        condition(evaluation) ? [{ id, name: definitions.segments.get(id)?.name ?? '' }] : [],
      );
      const flows = [...compiled.flows.values()].flatMap(({ flow, variants, outcome }) => {
        const place = outcome(evaluation);
        const variant = variants[place - firstVariant] ?? null;
        return place === notInFlow ? [] : [{ id: flow.id, name: flow.name, variant }];
      });
      return { fields, segments, flows };
    }),
  );
  return found ?? nothingComputed;
}
