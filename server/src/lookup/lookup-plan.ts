/**
 * The plan of a look-up: the values to read, their names, the implied values, and the omitted
 * names. The slot of a value is its position in the answer; inputs of rules have the slots after
 * those. The plan is compiled once per token, list of fields and catalog revision;
 * `render-contact.ts` follows the plan.
 */
import type { Dataset, OrganizationState } from '../domain/catalog-state.ts';
import { currencyOf, defaultImpliedValue, type Field } from '../domain/contact/field.ts';
import type { MaxAge } from '../domain/dataset/dataset-definition.ts';
import { packedMembershipFields } from '../domain/membership/membership.ts';
import type { ContactParts } from '../stores/store.ts';
import { type ComputedPlan, planComputed } from './computed-plan.ts';
import {
  type CurrencyRenderer,
  compileCurrencyRenderer,
  maxRenderedBytes,
} from './currency-format.ts';

export type ValueFormat = 'display' | 'raw';

export type OmissionReason = 'unknown' | 'not_content' | 'not_allowed';

/** A requested name that the answer leaves out. */
export interface Omission {
  readonly name: string;
  readonly reason: OmissionReason;
}

/** The fields that one dataset fills, with ascending ids, and the slot of each. */
export interface PlanSection {
  readonly datasetId: number;
  /** Whether each contact's section has its own time of writing. */
  readonly isPushed: boolean;
  readonly maxAge: MaxAge | null;
  readonly fieldIds: readonly number[];
  readonly slots: readonly number[];
}

/** What the answer reports about a field besides its value. */
export interface PlanSlot {
  readonly name: string;
  /** `null` for a built-in field. */
  readonly fieldId: number | null;
  /** `null` for a built-in or a computed field. */
  readonly dataset: string | null;
  readonly isNullImplied: boolean;
}

export interface LookupPlan {
  /** `"name":` in UTF-8, in the order of the answer. Each but the first begins with a comma. */
  readonly names: readonly DataView[];
  /** The answer for a field without a value, as JSON in UTF-8. */
  readonly implied: readonly DataView[];
  /** How a stored value is shown, if not as it is stored. */
  readonly renderers: readonly (CurrencyRenderer | undefined)[];
  /** Ascending by dataset id. Includes what rules read. */
  readonly sections: readonly PlanSection[];
  /** The slots of the answer and of what rules read. */
  readonly slotCount: number;
  /** `null`: nothing of the answer is computed. */
  readonly computed: ComputedPlan | null;
  /** Positions in packed memberships and the slots of built-in fields that only repeat reports. */
  readonly memberships: readonly { readonly place: number; readonly slot: number }[];
  readonly parts: ContactParts;
  readonly omissions: readonly Omission[];
  /** How many bytes of an answer, at most, come neither from the record nor from memberships. */
  readonly maxOwnBytes: number;
  /** In the order of the answer. */
  readonly slots: readonly PlanSlot[];
  /** Whether old values may be returned as null. Every answer then needs the ages. */
  readonly mayWithhold: boolean;
  /**
   * The day when `serve/field-reads.ts` last noted the use of the plan; -1: never. And how often it
   * was used since the counts were last taken.
   */
  readonly use: { day: number; reads: number };
}

export interface PlanRequest {
  readonly organization: OrganizationState;
  /** The token's allow-list; `null` allows all. */
  readonly allowedFields: readonly string[] | null;
  /** In the order of the answer. `null`: all content fields that the token may read. */
  readonly fields: readonly string[] | null;
  readonly format: ValueFormat;
}

export function compileLookupPlan(request: PlanRequest): LookupPlan {
  const names = request.fields === null ? allContentNames(request) : [...new Set(request.fields)];
  const omissions: Omission[] = [];
  const kept = names.filter((name) => {
    const reason = omissionReason(request, name);
    if (reason !== undefined) omissions.push({ name, reason });
    return reason === undefined;
  });
  const fields = kept.map((name) => request.organization.fields.get(name));
  const datasets = datasetsById(request.organization);
  const rendererOf = currencyRenderers(request);
  const renderers = fields.map(rendererOf);
  const prefixes = kept.map((name, slot) => utf8View(`${slot === 0 ? '' : ','}"${name}":`));
  const implied = fields.map((field) => impliedValue(field, rendererOf(field)));
  const impliedBytes = implied.map(utf8View);
  const computed = planComputed(request.organization, kept, fields);
  const sections = planSections([...answeredValues(fields), ...ruleInputs(computed)], datasets);
  return {
    names: prefixes,
    implied: impliedBytes,
    renderers,
    sections,
    slotCount: kept.length + (computed?.inputCount ?? 0),
    computed,
    memberships: planMemberships(kept, computed),
    parts: {
      memberships:
        kept.some((name) => packedPlaces.includes(name)) || reads(computed, 'readsMemberships'),
      identities: reads(computed, 'readsIdentities'),
    },
    omissions,
    maxOwnBytes: [...prefixes, ...impliedBytes].reduce(
      (sum, bytes) => sum + bytes.byteLength + maxRenderedBytes,
      0,
    ),
    slots: kept.map((name, slot) => ({
      name,
      fieldId: fields[slot]?.id ?? null,
      dataset: datasets.get(fields[slot]?.datasetId ?? 0)?.name ?? null,
      isNullImplied: implied[slot] === 'null',
    })),
    mayWithhold: sections.some(({ maxAge }) => maxAge?.policy === 'withhold'),
    use: { day: -1, reads: 0 },
  };
}

/** The UTF-8 bytes of a text, in the form that rendering copies. */
export function utf8View(text: string): DataView {
  return new DataView(new TextEncoder().encode(text).buffer);
}

function allContentNames(request: PlanRequest): string[] {
  const { fields, builtInContent } = request.organization;
  const own = [...fields.values()].filter((field) => field.content).map((field) => field.name);
  const builtIn = [...builtInContent].filter(([, content]) => content).map(([name]) => name);
  return [...own, ...builtIn].filter((name) => isAllowed(request, name));
}

function omissionReason(request: PlanRequest, name: string): OmissionReason | undefined {
  // Checked first: a token with an allow-list learns nothing about other fields.
  if (!isAllowed(request, name)) return 'not_allowed';
  const content =
    request.organization.fields.get(name)?.content ?? request.organization.builtInContent.get(name);
  if (content === undefined) return 'unknown';
  return content ? undefined : 'not_content';
}

function isAllowed(request: PlanRequest, name: string): boolean {
  return request.allowedFields === null || request.allowedFields.includes(name);
}

/** A renderer for each field with amounts, shared by fields of one currency. */
function currencyRenderers({
  organization: { organization },
  format,
}: PlanRequest): (field: Field | undefined) => CurrencyRenderer | undefined {
  const compiled = new Map<string, CurrencyRenderer>();
  return (field) => {
    const currency = field === undefined ? undefined : currencyOf(field, organization);
    if (currency === undefined || format === 'raw') return undefined;
    const renderer =
      compiled.get(currency) ?? compileCurrencyRenderer(organization.locale, currency);
    compiled.set(currency, renderer);
    return renderer;
  };
}

function impliedValue(field: Field | undefined, renderer: CurrencyRenderer | undefined): string {
  // Only built-in fields are missing from the catalog's list. All of them are arrays.
  if (field === undefined) return '[]';
  const raw = field.impliedValue ?? defaultImpliedValue(field.type);
  const isRendered = raw !== 'null' && renderer !== undefined;
  return isRendered ? Buffer.from(renderer.render(raw), 'latin1').toString() : raw;
}

export function datasetsById({ datasets }: OrganizationState): ReadonlyMap<number, Dataset> {
  return new Map([...datasets.values()].map((dataset) => [dataset.id, dataset]));
}

interface PlannedValue {
  readonly field: Field;
  readonly slot: number;
}

/** Values of the answer that are in the record. */
function answeredValues(fields: readonly (Field | undefined)[]): PlannedValue[] {
  return fields
    .map((field, slot) => ({ field, slot }))
    .filter(
      (entry): entry is PlannedValue => entry.field !== undefined && entry.field.rule === null,
    );
}

function ruleInputs(computed: ComputedPlan | null): PlannedValue[] {
  if (computed === null) return [];
  return computed.inputs.map(({ field, number }) => ({ field, slot: computed.base + number }));
}

/** What to read of each dataset, ascending by its id. */
export function planSections(
  values: readonly PlannedValue[],
  datasets: ReadonlyMap<number, Dataset>,
): PlanSection[] {
  const wanted = values.toSorted((a, b) => a.field.id - b.field.id);
  const datasetIds = [...new Set(wanted.map(({ field }) => field.datasetId))].sort((a, b) => a - b);
  return datasetIds.map((datasetId) => {
    const own = wanted.filter(({ field }) => field.datasetId === datasetId);
    const definition = datasets.get(datasetId)?.definition;
    return {
      datasetId,
      isPushed: definition?.source?.kind === 'push',
      maxAge: definition?.maxAge ?? null,
      fieldIds: own.map(({ field }) => field.id),
      slots: own.map(({ slot }) => slot),
    };
  });
}

const packedPlaces: readonly string[] = packedMembershipFields;

function planMemberships(
  names: readonly string[],
  computed: ComputedPlan | null,
): LookupPlan['memberships'] {
  const computedSlots = new Set(computed?.lists.map(({ slot }) => slot));
  return names
    .map((name, slot) => ({ place: packedPlaces.indexOf(name), slot }))
    .filter(({ place, slot }) => place >= 0 && !computedSlots.has(slot));
}

function reads(
  computed: ComputedPlan | null,
  what: 'readsMemberships' | 'readsIdentities',
): boolean {
  if (computed === null) return false;
  return [...computed.fields, ...computed.lists].some(({ reach }) => reach[what]);
}
