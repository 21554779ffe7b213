/**
 * The names and ids of segments and flows that one change creates and edits. A name or an id finds
 * what is there, and two definitions may swap names.
 */
import type { CatalogView } from '../../catalog/catalog.ts';
import { definitionIdRange } from '../../domain/limits.ts';
import { definitionNameForm, isDefinitionName } from '../../domain/membership/definition-name.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';

export interface Named {
  readonly id: number;
  readonly name: string;
}

export interface NamedRequest {
  /** The definition to edit, or the id of a new one. By default the name decides. */
  readonly id?: number;
  readonly name: string;
  /** JSON pointer of the request. */
  readonly path: string;
  /** JSON pointer of its name. */
  readonly namePath: string;
}

export interface Target<Definition extends Named, Request extends NamedRequest> {
  readonly request: Request;
  /** `undefined`: it is new. */
  readonly before: Definition | undefined;
}

export function findTargets<Definition extends Named, Request extends NamedRequest>(
  requests: readonly Request[],
  known: readonly Definition[],
): readonly Target<Definition, Request>[] {
  return requests.map((request) => {
    const { id, name } = request;
    const before = known.find((one) => (id === undefined ? one.name === name : one.id === id));
    return { request, before };
  });
}

/** Checks names, ids and the number of definitions. Faults go to `problems`. */
export async function checkTargets(
  view: CatalogView,
  place: {
    readonly organizationId: number;
    readonly kind: 'segment' | 'flow';
    readonly most: number;
    readonly problems: DefinitionProblems;
  },
  change: {
    readonly targets: readonly Target<Named, NamedRequest>[];
    readonly known: readonly Named[];
  },
): Promise<void> {
  const { organizationId, kind, most, problems } = place;
  const { targets, known } = change;
  for (const { request, before } of targets) {
    const { id, name, path, namePath } = request;
    const { min, max } = definitionIdRange;
    const isId = id === undefined || (Number.isInteger(id) && id >= min && id <= max);
    problems.check(isId, `${path}/id`, `Give a whole number from ${min} to ${max}.`);
    const isNamed = name === before?.name || isDefinitionName(name);
    problems.check(isNamed, namePath, `A name has ${definitionNameForm}.`);
    // Reports name flows by their ids, so the id of a removed flow can be defined again.
    if (before !== undefined || id === undefined || !isId || kind === 'flow') continue;
    const edits = await view.listEdits(organizationId, { kind, id });
    const detail = `A ${kind} with the id ${id} was removed, and ids are never used again. Leave the id out.`;
    problems.check(edits.length === 0, `${path}/id`, detail);
  }
  checkNames(place, change);
  const added = targets.filter(({ before }) => before === undefined).length;
  const words = `An organization has at most ${most} ${kind}s.`;
  problems.check(known.length + added <= most, '', words);
}

/** Every name and every id is used once when the change is done. */
function checkNames(
  { kind, problems }: { readonly kind: string; readonly problems: DefinitionProblems },
  {
    targets,
    known,
  }: {
    readonly targets: readonly Target<Named, NamedRequest>[];
    readonly known: readonly Named[];
  },
): void {
  const changed = new Set(targets.map(({ before }) => before?.id));
  const taken = new Map(
    known.filter(({ id }) => !changed.has(id)).map(({ id, name }) => [name, id]),
  );
  const ids = new Set<number>();
  for (const { request, before } of targets) {
    const { name, path, namePath } = request;
    const id = before?.id ?? request.id;
    if (id !== undefined && ids.has(id))
      problems.add(`${path}/id`, `Two ${kind}s have the id ${id}.`);
    if (id !== undefined) ids.add(id);
    const other = taken.get(name);
    if (other !== undefined) {
      const detail =
        other === 0
          ? `Two ${kind}s are called ${name}.`
          : `The ${kind} with the id ${other} is called ${name}. Choose another name.`;
      problems.addCoded(namePath, { code: 'name_taken', detail });
    }
    taken.set(name, id ?? 0);
  }
}

interface NameWriter<Definition extends Named, Request extends NamedRequest> {
  /** Writes a new definition without its rules. */
  readonly insert: (request: Request) => Promise<Definition>;
  readonly update: (definition: Definition) => Promise<void>;
}

/**
 * Gives every target its id and its name.
 * @returns what is in the catalog then, in the order of `targets`
 */
export async function writeNames<Definition extends Named, Request extends NamedRequest>(
  targets: readonly Target<Definition, Request>[],
  { insert, update }: NameWriter<Definition, Request>,
): Promise<readonly Definition[]> {
  for (const { request, before } of targets) {
    if (before === undefined || before.name === request.name) continue;
    // No name begins so: it frees the old name for another definition of this change.
    await update({ ...before, name: `<${before.id}>` });
  }
  const written = new Map<Target<Definition, Request>, Definition>();
  // Those without an id get the ones after those that are given.
  const inOrder = targets.toSorted(
    (one, other) => Number(isNumbered(other)) - Number(isNumbered(one)),
  );
  for (const target of inOrder) {
    const { before, request } = target;
    const now = before === undefined ? await insert(request) : { ...before, name: request.name };
    if (before !== undefined && before.name !== now.name) await update(now);
    written.set(target, now);
  }
  return targets.map((target) => written.get(target) as Definition);
}

function isNumbered({ before, request }: Target<Named, NamedRequest>): boolean {
  return before !== undefined || request.id !== undefined;
}
