/**
 * Lowering the sensitivity of a field shows its values to more people, and a rule over sensitive
 * fields tells their values bit by bit. So users need a permission for it, and a confirmation, for
 * nobody forgets what was seen. Every change of a user comes by here, whichever call makes it.
 */
import type { CatalogView, DatasetRecord } from '../catalog/catalog.ts';
import type { Field, Sensitivity } from '../domain/contact/field.ts';
import { UsherError } from '../domain/errors.ts';
import { isStricter, strictestOf } from '../domain/rule/field-sensitivity.ts';
import { ownerName, referenceTo } from '../domain/rule/rule-owner.ts';
import type { RuleReference } from '../domain/rule/rule-text.ts';
import { allows } from '../domain/user/role-scopes.ts';
import type { RoleName, User } from '../domain/user/user.ts';
import { type OwnerWithRules, type RuleBook, readRuleBook } from './rule/rule-book.ts';
import { sensitivitiesOf } from './rule/shown-inputs.ts';

type Author =
  | { readonly kind: 'operator' | 'token' }
  | {
      readonly kind: 'user';
      readonly user: Pick<User, 'role'>;
      readonly isConfirmed: boolean;
    };

/** Operators may, and tokens: their scopes are the choice of the operator. */
export function mayLowerSensitivity(actor: Author): boolean {
  return actor.kind !== 'user' || allows(actor.user.role, 'sensitivity:lower');
}

/** Whether the actor may define rules that show sensitive fields, and count who fits them. */
export function mayAskSensitive(actor: Author): boolean {
  return actor.kind !== 'user' || allows(actor.user.role, 'contacts:sensitive');
}

export interface SensitivityGuard {
  /**
   * Compares the fields and rules with those before the change.
   * @throws UsherError `role_missing`, `confirmation_required`
   */
  requireNoneLower(): Promise<void>;
}

/** `undefined`: the actor may do all of it. Call it before the change writes anything. */
export async function guardSensitivity(
  view: CatalogView,
  actor: Author,
  organizationId: number,
): Promise<SensitivityGuard | undefined> {
  if (actor.kind !== 'user') return undefined;
  const { role } = actor.user;
  const [mayLower, mayAsk] = [mayLowerSensitivity(actor), mayAskSensitive(actor)];
  if (mayLower && mayAsk && actor.isConfirmed) return undefined;
  const before = await readState(view, organizationId);
  return {
    requireNoneLower: async () => {
      const after = await readState(view, organizationId);
      const known = await withHistory(view, organizationId, { before, after });
      const isSure = mayLower && actor.isConfirmed;
      const lowered = isSure ? undefined : findLowered(known, after);
      if (lowered !== undefined && mayLower) throw unconfirmed(lowered);
      if (lowered !== undefined) throw refusal(lowered, { role, permission: 'sensitivity:lower' });
      const asking = mayAsk ? undefined : findAsking(before, after);
      if (asking !== undefined) throw refusal(asking, { role, permission: 'contacts:sensitive' });
    },
  };
}

function unconfirmed(fault: string): UsherError {
  const detail = `${fault} Confirm who you are first: send the password or a code to /console/api/session/confirm.`;
  return new UsherError('confirmation_required', detail);
}

function refusal(
  fault: string,
  members: { readonly role: RoleName; readonly permission: string },
): UsherError {
  const detail = `${fault} The role ${members.role} may not do this.`;
  return new UsherError('role_missing', detail, { members });
}

interface DefinedState {
  readonly datasets: readonly DatasetRecord[];
  readonly book: RuleBook;
  /** The column that fills each field, by the name of the field. */
  readonly columns: ReadonlyMap<string, string>;
  /** What counts for a column of a dataset: the strictest of the fields that it fills. */
  readonly levels: ReadonlyMap<string, Sensitivity | null>;
  /** The columns whose values are identities, which people see like personal values. */
  readonly keys: ReadonlySet<string>;
}

async function readState(view: CatalogView, organizationId: number): Promise<DefinedState> {
  const book = await readRuleBook(view, organizationId);
  const byName = new Map([...book.fields.values()].map((field) => [field.name, field]));
  const columns = new Map<string, string>();
  const levels = new Map<string, Sensitivity | null>();
  const keys = new Set<string>();
  const datasets = await view.listDatasets(organizationId);
  for (const { id, definition } of datasets) {
    for (const { column } of definition?.identifiers ?? []) keys.add(placeOf(id, column));
    for (const { column, field: name } of definition?.columns ?? []) {
      const field = name === null ? undefined : byName.get(name);
      if (field === undefined) continue;
      const place = placeOf(id, column);
      const known = levels.get(place);
      const own = field.sensitivity;
      columns.set(field.name, column);
      levels.set(place, known === undefined ? own : strictestOf([known, own]));
    }
  }
  return { datasets, book, columns, levels, keys };
}

/**
 * The state before, in which a column also counts as the fields that it filled in any version of
 * its dataset: a change in two steps shows no more than one in a single step.
 */
async function withHistory(
  view: CatalogView,
  organizationId: number,
  { before, after }: { readonly before: DefinedState; readonly after: DefinedState },
): Promise<DefinedState> {
  const levels = new Map(before.levels);
  // Of a field that was removed, the last sensitivity counts: the newest version comes first.
  const removed = new Map<number, Sensitivity | null>();
  const now = new Map(after.datasets.map(({ id, version }) => [id, version]));
  for (const { id: datasetId, version: last } of before.datasets) {
    if (now.get(datasetId) === last) continue;
    for (const { version, ...was } of await view.listDatasetVersions(organizationId, datasetId)) {
      if (version > last) continue;
      const fields = new Map(was.fields.map((field) => [field.name, field]));
      for (const { column, field: name } of was.definition.columns) {
        const then = name === null ? undefined : fields.get(name);
        if (then === undefined) continue;
        if (!removed.has(then.id)) removed.set(then.id, then.sensitivity);
        const last = removed.get(then.id) ?? null;
        const field = before.book.fields.get(then.id);
        const own = field === undefined ? last : field.sensitivity;
        const place = placeOf(datasetId, column);
        const known = levels.get(place);
        levels.set(place, known === undefined ? own : strictestOf([known, own]));
      }
    }
  }
  return { ...before, levels };
}

function placeOf(datasetId: number, column: string): string {
  return `${datasetId} ${column}`;
}

function columnOf(place: string): string {
  return place.slice(place.indexOf(' ') + 1);
}

/** What is wrong; `undefined`: no values are less sensitive than before. */
function findLowered(before: DefinedState, after: DefinedState): string | undefined {
  const { fields } = after.book;
  const isHidden = (place: string) =>
    [before, after].some(({ levels }) => isStricter(levels.get(place) ?? null, null));
  for (const field of fields.values()) {
    const was = before.book.fields.get(field.id);
    const fault =
      field.rule === null
        ? loweredFault(field, floorOf(field, before, after))
        : computedFault(field, was, sensitivitiesOf(after.book).of(field));
    if (fault !== undefined) return fault;
  }
  const shown = [...after.keys].find((place) => !before.keys.has(place) && isHidden(place));
  if (shown !== undefined) {
    return `Only an administrator lets the column ${columnOf(shown)} identify contacts: its field is sensitive, and identities are shown as personal.`;
  }
  // A field that is made again would count as personal.
  const gone = [...before.book.fields.values()].find(
    ({ id, rule, sensitivity }) =>
      rule === null && isStricter(sensitivity, null) && !fields.has(id),
  );
  return gone && `Only an administrator removes the field ${gone.name}, which is sensitive.`;
}

/**
 * How sensitive the values of the field are at least: as before the change, and as those of the
 * column that fills it. What no field has shown yet counts as personal.
 */
function floorOf(
  { id, name, datasetId }: Field,
  before: DefinedState,
  after: DefinedState,
): Sensitivity | null {
  const was = before.book.fields.get(id);
  const column = after.columns.get(name);
  if (was !== undefined && before.columns.get(was.name) === column) return was.sensitivity;
  const ofColumn =
    column === undefined ? null : (before.levels.get(placeOf(datasetId, column)) ?? null);
  return was === undefined ? ofColumn : strictestOf([was.sensitivity, ofColumn]);
}

function loweredFault({ name, sensitivity }: Field, floor: Sensitivity | null): string | undefined {
  if (!isStricter(floor, sensitivity)) return undefined;
  return `Only an administrator may say that the field ${name} is ${sensitivity ?? 'not sensitive'}: its values were ${floor ?? 'personal'} before, or nobody has said how sensitive they are, and more people would see them.`;
}

/** @param counted what counts after the change: the field itself, and what its rule shows */
function computedFault(
  field: Field,
  was: Field | undefined,
  counted: Sensitivity | null,
): string | undefined {
  const { name, sensitivity } = field;
  if (acceptsMore(field, was)) {
    return `Only an administrator may say that the field ${name} is ${sensitivity}: its rule shows fields that are more sensitive, and more people would see their values.`;
  }
  if (was !== undefined && was.sensitivity === sensitivity) return undefined;
  const before = was?.sensitivity ?? counted;
  // Without a sensitivity of its own, it is as sensitive as what its rule shows.
  if (sensitivity === null) return loweredFault({ ...field, sensitivity: counted }, before);
  return loweredFault(field, strictestOf([counted, before]));
}

/** Whether somebody has newly accepted that the field shows a more sensitive one. */
function acceptsMore(field: Field, was: Field | undefined): boolean {
  const accepted = new Map(was?.lowered);
  return (field.lowered ?? []).some(([input, level]) => {
    return !accepted.has(input) || isStricter(level, accepted.get(input) ?? null);
  });
}

/** A segment or a flow that newly asks about sensitive values; `undefined`: none does. */
function findAsking(before: DefinedState, after: DefinedState): string | undefined {
  const known = new Map(before.book.owners.map((owner) => [keyOf(referenceTo(owner)), owner]));
  for (const owner of after.book.owners) {
    if (owner.kind === 'computed_field') continue;
    const shown = sensitivitiesOf(after.book);
    const asked = owner.rules.map((rule) => strictestOf(shown.shownBy(rule).values()));
    if (!asked.includes('sensitive')) continue;
    const was = known.get(keyOf(referenceTo(owner)));
    if (was !== undefined && textOf(was, before.book) === textOf(owner, after.book)) continue;
    return `Only an administrator changes what decides about the ${ownerName(owner)}, because its rules use sensitive fields: who is in it would tell their values.`;
  }
  return undefined;
}

/** The text of a definition's rules and of all definitions that these rules use. */
function textOf(owner: OwnerWithRules, { owners }: RuleBook): string {
  const byKey = new Map(owners.map((one) => [keyOf(referenceTo(one)), one]));
  const texts = new Map<string, string>();
  const waiting: OwnerWithRules[] = [owner];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const key = keyOf(referenceTo(next));
    if (texts.has(key)) continue;
    texts.set(key, JSON.stringify([next.rules, next.uses]));
    waiting.push(...next.uses.flatMap((used) => byKey.get(keyOf(used)) ?? []));
  }
  return JSON.stringify([...texts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function keyOf({ kind, id }: RuleReference): string {
  return `${kind} ${id}`;
}
