/** What uses what: definitions with rules, and the cycles among them. */
import type { Flow } from '../flow/flow.ts';
import type { DefinitionKind } from '../membership/definitions.ts';
import {
  type RuleReference,
  type RuleReferenceKind,
  type RuleText,
  referencesOf,
} from './rule-text.ts';

/** A segment, a computed field or a flow, and everything that its rules name. */
export interface RuleOwner {
  readonly kind: DefinitionKind;
  readonly id: number;
  readonly name: string;
  readonly uses: readonly RuleReference[];
}

const referenceKinds: Readonly<Record<DefinitionKind, RuleReferenceKind>> = {
  segment: 'segment',
  computed_field: 'field',
  flow: 'flow',
};

/** How a rule refers to the definition. */
export function referenceTo({ kind, id }: Pick<RuleOwner, 'kind' | 'id'>): RuleReference {
  return { kind: referenceKinds[kind], id };
}

/** The rules of the branches of a flow. */
export function rulesOfFlow({ experiment }: Pick<Flow, 'experiment'>): readonly RuleText[] {
  const split = experiment?.split;
  return split?.by === 'rule' ? split.branches.map(({ rule }) => rule) : [];
}

/** The segment of a flow, and what its branches use. */
export function usesOfFlow(flow: Flow): readonly RuleReference[] {
  const { segmentId } = flow;
  const segment = segmentId === null ? [] : [{ kind: 'segment', id: segmentId } as const];
  return [...segment, ...rulesOfFlow(flow).flatMap(referencesOf)];
}

/** The definitions whose rules name this directly. */
export function usersOf<Owner extends RuleOwner>(
  owners: readonly Owner[],
  { kind, id }: RuleReference,
): readonly Owner[] {
  return owners.filter(({ uses }) => uses.some((used) => used.kind === kind && used.id === id));
}

const ownerWords: Readonly<Record<DefinitionKind, string>> = {
  segment: 'segment',
  computed_field: 'computed field',
  flow: 'flow',
};

/** The kind and the name, for messages. */
export function ownerName({ kind, name }: Pick<RuleOwner, 'kind' | 'name'>): string {
  return `${ownerWords[kind]} ${name}`;
}

/** An order in which each definition follows those that it uses, or the first cycle found. */
export type UseOrder =
  | { readonly order: readonly RuleOwner[] }
  | { readonly cycle: readonly RuleOwner[] };

/** @returns `cycle`: each definition uses the next one, and the last one uses the first */
export function orderByUse(owners: readonly RuleOwner[]): UseOrder {
  const known = new Map(owners.map((owner) => [keyOf(referenceTo(owner)), owner]));
  const order: RuleOwner[] = [];
  const done = new Set<RuleOwner>();
  for (const start of owners) {
    const cycle = visit(start, { known, order, done });
    if (cycle !== undefined) return { cycle };
  }
  return { order };
}

interface Walk {
  readonly known: ReadonlyMap<string, RuleOwner>;
  readonly order: RuleOwner[];
  readonly done: Set<RuleOwner>;
}

/** Walks without recursion, because a chain may have thousands of definitions. */
function visit(start: RuleOwner, { known, order, done }: Walk): readonly RuleOwner[] | undefined {
  if (done.has(start)) return undefined;
  const path = [{ owner: start, next: 0 }];
  const onPath = new Set([start]);
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    const reference = step.owner.uses[step.next];
    step.next += 1;
    if (reference === undefined) {
      path.pop();
      onPath.delete(step.owner);
      done.add(step.owner);
      order.push(step.owner);
      continue;
    }
    const used = known.get(keyOf(reference));
    if (used === undefined || done.has(used)) continue;
    if (onPath.has(used)) {
      const owners = path.map(({ owner }) => owner);
      return owners.slice(owners.indexOf(used));
    }
    path.push({ owner: used, next: 0 });
    onPath.add(used);
  }
  return undefined;
}

function keyOf({ kind, id }: RuleReference): string {
  return `${kind} ${id}`;
}
