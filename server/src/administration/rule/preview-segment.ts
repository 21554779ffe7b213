/** Previews a rule: how many contacts it is true for, by clause, and some of them, masked. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import type { Field } from '../../domain/contact/field.ts';
import { UsherError } from '../../domain/errors.ts';
import { type Estimate, estimateMembers } from '../../domain/membership/wilson-interval.ts';
import { sensitivitiesIn, strictestOf } from '../../domain/rule/field-sensitivity.ts';
import { type RuleText, referencesOf, ruleTextOf } from '../../domain/rule/rule-text.ts';
import { seesIdentityType } from '../../domain/token/token-sight.ts';
import { allows } from '../../domain/user/role-scopes.ts';
import { CompiledDefinitions, ruleSourceOf } from '../../membership/compiled-definitions.ts';
import { ContactValues } from '../../membership/contact-values.ts';
import { RecordEvaluator } from '../../membership/record-evaluator.ts';
import type { RuleCounts } from '../../membership/rule-counter.ts';
import type { ContactReader } from '../../stores/store.ts';
import type { Actor } from '../administration.ts';
import { type ContactCaller, requireScopes } from '../contact/contact-caller.ts';
import { contactIdView } from '../contact/identity-view.ts';
import { contactSubject, noteLook } from '../contact/note-look.ts';
import { walkMoment } from '../contact/walk-moment.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { mayAskSensitive } from '../guard-sensitivity.ts';
import { maxShownElements, maxShownFields, maxShownLength, shownMembers } from '../limits.ts';
import { noteRead } from '../note-read.ts';
import { requireWholeSight, sightOf } from '../token/actor-sight.ts';
import { countMembers, type DrawnMember, drawMembers, type PreviewWalk } from './preview-walk.ts';
import { readRuleBook } from './rule-book.ts';
import { findSegment } from './segments.ts';
import { settleRules } from './settle-rules.ts';

/** What to preview: a segment by its name or id, or a rule that is not saved. */
export type PreviewSubject = { readonly reference: string } | { readonly rule: string };

export interface PreviewOptions {
  /** Whether to count all contacts too. */
  readonly isExact: boolean;
  readonly stop: AbortSignal;
  /** Called before the contacts are counted. */
  readonly onEstimate?: (estimate: EstimateView) => void;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface EstimateView extends Estimate {
  /** Contacts that were drawn. */
  readonly drawn: number;
}

export interface ClauseView {
  readonly rule: string;
  /** Contacts for which this clause is true; `null`: it alone takes too much work for a contact. */
  readonly alone: number | null;
  /** Contacts for which this clause and all before it are true. */
  readonly in_sequence: number;
}

export interface PreviewView {
  /** `null`: the rule is not saved. */
  readonly segment: { readonly id: number; readonly name: string } | null;
  readonly rule: string;
  /** Contacts of the organization. */
  readonly contacts: number;
  readonly estimate: EstimateView;
  /** `null`: it was not asked for. */
  readonly exact: {
    readonly contacts: number;
    readonly members: number;
    readonly clauses: readonly ClauseView[];
  } | null;
  readonly sample: readonly SampleMember[];
}

export interface SampleMember {
  /** `null` if the caller may not use ids of contacts. */
  readonly contact_id: string | null;
  /** By field; a value that is personal is `***`. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Checks the caller's rights and the rule, and notes the act in the audit log.
 * @returns the rule as it would be saved, and its segment
 * @throws UsherError `resource_not_found`, `rule_invalid`, `scope_missing`, `role_missing`
 */
export async function openPreview(
  caller: ContactCaller,
  subject: PreviewSubject,
): Promise<PreviewRule> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  requireWholeSight(caller.administration.actor);
  if ('rule' in subject) requireToDefine(caller.administration.actor);
  const opened = await readSubject(caller, subject);
  if ('rule' in subject) requireToAsk(caller, opened.rule);
  await noteAct(caller, opened);
  return opened;
}

/**
 * Counts of a rule of one's own can tell a masked value bit by bit. So only a user who could save
 * the rule as a segment may ask for them.
 */
function requireToDefine(actor: Actor): void {
  if (actor.kind !== 'user' || allows(actor.user.role, 'definitions:write')) return;
  const { role } = actor.user;
  throw new UsherError(
    'role_missing',
    `The role ${role} previews only segments that are saved. Give the id of a segment.`,
    { members: { permission: 'definitions:write', role } },
  );
}

/** Sensitive values are told to nobody without a reason, and so not by counts either. */
function requireToAsk({ administration, organization }: ContactCaller, rule: RuleText): void {
  const { actor } = administration;
  if (actor.kind !== 'user' || mayAskSensitive(actor)) return;
  const shown = sensitivitiesIn(organization).shownBy(rule).values();
  if (strictestOf(shown) !== 'sensitive') return;
  const { role } = actor.user;
  throw new UsherError(
    'role_missing',
    `The role ${role} may not count who fits a rule over sensitive fields. Ask an administrator.`,
    { members: { permission: 'contacts:sensitive', role } },
  );
}

/**
 * A preview that another process has made, as far as the caller may see it. Notes the contacts of
 * the sample in the access log, with the fields whose values are not hidden.
 */
export function seenPreview(caller: ContactCaller, view: PreviewView): PreviewView {
  const { actor } = caller.administration;
  for (const { contact_id: id, values } of view.sample) {
    if (id === null) continue;
    const fields = Object.keys(values).filter((name) => values[name] !== hiddenValue);
    const subject = contactSubject(Buffer.from(id.replaceAll('-', ''), 'hex'));
    noteLook(caller, { subject, way: 'preview', fields });
  }
  if (seesIdentityType(sightOf(actor), 'id')) return view;
  return { ...view, sample: view.sample.map((member) => ({ ...member, contact_id: null })) };
}

/** @throws UsherError `store_unavailable`; the reason of `stop` */
export async function previewRule(
  caller: ContactCaller,
  reader: ContactReader,
  { segment, rule, textOf }: PreviewRule,
  options: PreviewOptions,
): Promise<PreviewView> {
  const { administration, organization } = caller;
  const { walk, values, fields } = await openWalk(caller, reader, { rule, stop: options.stop });
  const { counts, sample } = await drawMembers(walk, {
    typeIds: [...new Set([...organization.identityTypes.values()].map(({ id }) => id))],
    values,
    sampleSize: shownMembers,
    seed: Buffer.from(administration.randomBytes(4)).readUInt32LE(),
  });
  const estimate = {
    ...estimateMembers({ ...counts, total: walk.total }),
    drawn: counts.contacts,
  };
  options.onEstimate?.(estimate);
  const onProgress = (done: number) => options.onProgress?.(done, walk.total);
  const exact = options.isExact ? await countMembers(walk, onProgress) : null;
  return {
    ...{ segment, rule: textOf(rule), contacts: walk.total, estimate },
    exact: exact && viewCounts(exact, walk, textOf),
    sample: sample.map((member) => viewMember(member, { fields, organization })),
  };
}

export interface PreviewRule {
  readonly segment: PreviewView['segment'];
  readonly rule: RuleText;
  /** A rule as people write it. */
  readonly textOf: (rule: RuleText) => string;
  /** The names of the fields that the rule itself names. */
  readonly fields: readonly string[];
}

/**
 * The rule of a preview whose caller was checked and noted.
 * @throws UsherError `resource_not_found`, `rule_invalid`
 */
export async function readSubject(
  { administration, organization }: ContactCaller,
  subject: PreviewSubject,
): Promise<PreviewRule> {
  const { id } = organization.organization;
  return administration.catalog.read(async (view) => {
    const book = await readRuleBook(view, id);
    const { names } = book;
    const textOf = (rule: RuleText) => ruleTextOf(rule, names);
    const fieldsOf = (rule: RuleText) =>
      referencesOf(rule).flatMap((used) =>
        used.kind === 'field' ? (names.nameOf('field', used.id) ?? []) : [],
      );
    if ('reference' in subject) {
      const { definition: segment } = await findSegment(view, id, subject.reference);
      const { rule } = segment;
      return {
        segment: { id: segment.id, name: segment.name },
        ...{ rule, textOf, fields: fieldsOf(rule) },
      };
    }
    const problems = new DefinitionProblems();
    const owner = { kind: 'segment', id: 0, name: 'preview' } as const;
    const wanted = { owner, rules: [{ text: subject.rule, path: '/rule' }] };
    const settled = settleRules(book, {
      ...{ wanted: [wanted], problems },
      organization: organization.organization,
    });
    problems.throwIfAny();
    const rule = settled.get(wanted)?.[0]?.rule ?? [];
    return { segment: null, rule, textOf, fields: fieldsOf(rule) };
  });
}

async function openWalk(
  { administration, organization: state }: ContactCaller,
  reader: ContactReader,
  { rule: text, stop }: { readonly rule: RuleText; readonly stop: AbortSignal },
) {
  const organizationId = state.organization.id;
  const compiled = new CompiledDefinitions({ ...ruleSourceOf(state), rules: [text] });
  const [rule] = compiled.rules;
  const fault = compiled.faults.find(({ kind }) => kind === 'rule');
  if (rule === undefined || fault !== undefined) {
    throw new UsherError('rule_invalid', fault?.problem.detail ?? 'The rule cannot be read.');
  }
  const reach = compiled.reach({ rules: [0] });
  const moment = await walkMoment(reader, state, administration.clock());
  const evaluator = new RecordEvaluator(compiled, reach, moment);
  const fields = shownFields(state, compiled, reach.inputs);
  const { contacts: total } = await reader.counts(organizationId);
  const walk: PreviewWalk = { reader, organizationId, rule, evaluator, total, stop };
  return { walk, fields, values: new ContactValues(compiled, fields, moment) };
}

/** The fields that the rule reads, then content fields. */
function shownFields(
  { fields }: OrganizationState,
  compiled: CompiledDefinitions,
  inputs: readonly number[],
): readonly Field[] {
  const ofRule = inputs.flatMap((input) => compiled.inputs[input]?.field ?? []);
  const content = [...fields.values()].filter((field) => field.content);
  const ids = new Map([...ofRule, ...content].map((field) => [field.id, field]));
  return [...ids.values()].slice(0, maxShownFields);
}

const hiddenValue = '***';

function viewMember(
  { contactId, values }: DrawnMember,
  {
    fields,
    organization,
  }: { readonly fields: readonly Field[]; readonly organization: OrganizationState },
): SampleMember {
  const shown = fields.map((field, place) => {
    const json = values[place] ?? 'null';
    const isHidden = isMasked(field, organization) && json !== 'null';
    return [field.name, isHidden ? hiddenValue : shortened(JSON.parse(json))] as const;
  });
  const id = contactIdView(Buffer.from(contactId, 'hex'));
  return { contact_id: id, values: Object.fromEntries(shown) };
}

/** A sample is for people: of long values it shows the beginning. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, maxShownElements).map(shortened);
  if (typeof value !== 'string' || value.length <= maxShownLength) return value;
  return `${value.slice(0, maxShownLength - 3)}...`;
}

/** A sensitivity that is not said counts as personal. */
function isMasked(field: Field, organization: OrganizationState): boolean {
  const sensitivity = sensitivitiesIn(organization).of(field);
  return sensitivity !== 'public' && sensitivity !== 'internal';
}

function viewCounts(
  counts: RuleCounts,
  { rule }: PreviewWalk,
  textOf: (rule: RuleText) => string,
): PreviewView['exact'] {
  const { contacts, members, clauses } = counts;
  return {
    ...{ contacts, members },
    clauses: clauses.map(({ alone, inSequence }, place) => {
      return {
        rule: textOf(rule.clauses[place]?.text ?? []).trim(),
        alone,
        in_sequence: inSequence,
      };
    }),
  };
}

/** A rule can hold personal values, so only the fields that it names go into the audit log. */
async function noteAct(
  { administration, organization }: ContactCaller,
  { segment, fields }: PreviewRule,
): Promise<void> {
  await noteRead(administration, organization.organization.id, {
    action: 'segment.preview',
    target: segment?.name ?? 'a rule that is not saved',
    after: { fields },
  });
}
