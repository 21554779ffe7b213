/**
 * What segments, flows, exclusion groups and computed fields have in common: each is listed, found
 * by a reference, and has edits. A token with lists sees none of them, because rules name fields.
 */
import type { CatalogChange, CatalogView } from '../../catalog/catalog.ts';
import type { DefinitionKey } from '../../catalog/definitions.ts';
import { UsherError } from '../../domain/errors.ts';
import { nearestHint } from '../../domain/nearest-word.ts';
import {
  type Administration,
  type ChangedIn,
  changeIn,
  type Precondition,
  readIn,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { hasWholeSight, requireWholeSight } from '../token/actor-sight.ts';
import { type EditView, viewEdits } from './edit-view.ts';
import type { Named, NamedRequest } from './named-definitions.ts';
import { type RuleBook, readRuleBook } from './rule-book.ts';
import { type DefinitionRequest, writeDefinitions } from './write-definitions.ts';

interface Nameable {
  readonly name: string;
  readonly id?: number;
}

export interface DefinitionKind<Definition, View> {
  /** As messages name it, such as `exclusion group`. With hyphens it is the command. */
  readonly noun: string;
  /** Whether people name one by its id, too. */
  readonly hasId: boolean;
  /** Absent: its edits are not kept. */
  readonly editKind?: DefinitionKey['kind'];
  readonly allIn: (book: RuleBook) => readonly Definition[];
  readonly view: (definition: Definition, book: RuleBook) => View;
}

/** Reads the definitions of one kind. A `reference` is a name or, if the kind has them, an id. */
export class Definitions<Definition extends Nameable, View> {
  readonly #kind: DefinitionKind<Definition, View>;

  constructor(kind: DefinitionKind<Definition, View>) {
    this.#kind = kind;
  }

  /** In order. Empty for a token with lists. */
  readonly list = (
    administration: Administration,
    organizationId: number,
  ): Promise<readonly View[]> =>
    readIn(administration, organizationId, async (view) => {
      if (!hasWholeSight(administration.actor)) return [];
      const book = await readRuleBook(view, organizationId);
      return this.#kind.allIn(book).map((definition) => this.#kind.view(definition, book));
    });

  /** @throws UsherError `resource_not_found`, `scope_missing` */
  readonly read = (
    administration: Administration,
    organizationId: number,
    reference: string,
  ): Promise<View> =>
    readIn(administration, organizationId, async (view) => {
      if (!hasWholeSight(administration.actor)) return this.#notFound(reference, []);
      return (await this.find(view, organizationId, reference)).view;
    });

  /** @throws UsherError `resource_not_found` */
  readonly find = async (view: CatalogView, organizationId: number, reference: string) => {
    const book = await readRuleBook(view, organizationId);
    const all = this.#kind.allIn(book);
    const definition = all.find((one) => this.#isMeant(one, reference));
    if (definition === undefined) return this.#notFound(reference, all);
    return { definition, book, view: this.#kind.view(definition, book) };
  };

  /**
   * Who changed it, when, and what: newest first. An id also finds a definition that was removed.
   * @throws UsherError `resource_not_found`, `scope_missing`
   */
  readonly listEdits = (
    administration: Administration,
    organizationId: number,
    reference: string,
  ): Promise<readonly EditView[]> =>
    readIn(administration, organizationId, async (view) => {
      const { editKind: kind, allIn } = this.#kind;
      if (!hasWholeSight(administration.actor)) return this.#notFound(reference, []);
      const all = allIn(await readRuleBook(view, organizationId));
      const found = all.find((one) => this.#isMeant(one, reference));
      const id = found?.id ?? (this.#isId(reference) ? Number(reference) : undefined);
      if (kind === undefined || id === undefined) return this.#notFound(reference, all);
      const edits = await view.listEdits(organizationId, { kind, id });
      return edits.length === 0 ? this.#notFound(reference, all) : viewEdits(edits);
    });

  #isMeant(definition: Nameable, reference: string): boolean {
    const { id, name } = definition;
    return this.#isId(reference) ? id === Number(reference) : name === reference;
  }

  /** No name of a definition with an id consists of digits only. */
  #isId(reference: string): boolean {
    return this.#kind.hasId && /^[0-9]{1,9}$/.test(reference);
  }

  #notFound(reference: string, known: readonly Nameable[]): never {
    const { noun } = this.#kind;
    const names = known.map(({ name }) => name);
    const command = `List the ${noun}s: usher ${noun.replaceAll(' ', '-')} list`;
    const hint = nearestHint(reference, names, command);
    throw new UsherError('resource_not_found', `There is no ${noun} ${reference}. ${hint}`);
  }
}

export interface WrittenKind<Definition, View, Settings> extends DefinitionKind<Definition, View> {
  readonly request: (request: NamedRequest & Settings) => Partial<DefinitionRequest>;
}

/** Creates and edits them, too. */
export class WrittenDefinitions<Definition extends Named, View, Settings> extends Definitions<
  Definition,
  View
> {
  readonly #kind: WrittenKind<Definition, View, Settings>;

  constructor(kind: WrittenKind<Definition, View, Settings>) {
    super(kind);
    this.#kind = kind;
  }

  /**
   * @param request by default it gets the next id
   * @throws UsherError `definition_invalid`, `rule_invalid`, `definition_cycle`, `name_taken`,
   *   `scope_missing`
   */
  readonly create = async (
    administration: Administration,
    organizationId: number,
    request: Settings & Pick<NamedRequest, 'id' | 'name'>,
  ): Promise<View> => {
    requireWholeSight(administration.actor);
    const { noun, allIn } = this.#kind;
    return changeIn(administration, organizationId, async (change) => {
      const known = allIn(await readRuleBook(change, organizationId));
      const other = known.find(({ name }) => name === request.name);
      if (other !== undefined) {
        const detail = `The ${noun} ${request.name} already exists. Its id is ${other.id}.`;
        throw new UsherError('name_taken', detail);
      }
      const problems = new DefinitionProblems();
      const isFree = known.every(({ id }) => id !== request.id);
      problems.check(isFree, '/id', `Another ${noun} has this id. Leave the id out.`);
      problems.throwIfAny();
      return this.#write(change, organizationId, request);
    });
  };

  /**
   * Changes what is given. An edit without effect changes nothing.
   * @throws UsherError as `create`, and `resource_not_found`, `precondition_failed`
   */
  readonly edit = async (
    administration: Administration,
    organizationId: number,
    { reference, precondition, ...edit }: DefinitionEdit<View, Settings>,
  ): Promise<View> => {
    requireWholeSight(administration.actor);
    return changeIn(administration, organizationId, async (change) => {
      const { definition, view } = await this.find(change, organizationId, reference);
      requirePrecondition(precondition, view);
      const { id, name } = definition;
      const settings = edit as unknown as Settings & { readonly name?: string };
      return this.#write(change, organizationId, { id, name, ...settings });
    });
  };

  async #write(
    change: CatalogChange,
    organizationId: number,
    request: Settings & Pick<NamedRequest, 'id' | 'name'>,
  ): Promise<ChangedIn<View>> {
    const problems = new DefinitionProblems();
    const asked = this.#kind.request({ ...request, path: '', namePath: '/name' });
    const { audit } = await writeDefinitions(change, { organizationId, ...asked, problems });
    problems.throwIfAny();
    return { result: (await this.find(change, organizationId, request.name)).view, audit };
  }
}

/** What is not given stays. */
export type DefinitionEdit<View, Settings> = Settings & {
  readonly reference: string;
  readonly name?: string;
  readonly precondition?: Precondition<View>;
};
