/**
 * The commands that segments, computed fields, flows and exclusion groups have in common: list,
 * show, remove, history. Each kind adds its own ways to create and to edit.
 */
import type { Command } from 'commander';
import type { Administration } from '../administration/administration.ts';
import type { EditView } from '../administration/rule/edit-view.ts';
import { yamlText } from './catalog-file/write-catalog-file.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
} from './command-frame.ts';
import { editLines } from './rule-words.ts';
import { withConsent } from './terminal/confirm.ts';
import { withOrganization } from './with-administration.ts';

export interface DefinitionCommands<View> {
  /** As messages name it, such as `exclusion group`. With hyphens it is the command. */
  readonly noun: string;
  /** Whether an id finds one, too, and its edits even after it was removed. */
  readonly hasId: boolean;
  /** An operand, for the examples. */
  readonly example: string;
  readonly descriptions: Readonly<Record<'list' | 'show' | 'remove', string>>;
  readonly columns: Readonly<Record<string, (view: View) => string>>;
  readonly list: (
    administration: Administration,
    organizationId: number,
  ) => Promise<readonly View[]>;
  readonly read: DefinitionCall<string, View>;
  /** What `show` prints. */
  readonly text: (view: View) => string;
  readonly remove: DefinitionCall<Removal, { readonly name: string }>;
  /** Absent: its edits are not kept. */
  readonly history?: DefinitionCall<string, readonly EditView[]>;
}

type DefinitionCall<Reference, Result> = (
  administration: Administration,
  organizationId: number,
  reference: Reference,
) => Promise<Result>;

interface Removal {
  readonly reference: string;
  /** Whether to remove it although tokens read it. */
  readonly force: boolean;
}

export function defineDefinitionCommands<View>(
  command: Command,
  frame: CommandFrame,
  kind: DefinitionCommands<View>,
): void {
  const { noun, hasId, descriptions, history } = kind;
  const isFoundBy = hasId ? 'its name or id' : 'its name';
  const addCommand = (verb: string, description: string, operand = isFoundBy) => {
    const example = ['usher', noun.replaceAll(' ', '-'), verb];
    const added = addOrganizationOption(command.command(verb)).description(description);
    if (verb === 'list') return added.addHelpText('after', exampleText(example.join(' ')));
    return added
      .argument(hasId ? `<${noun}>` : '<name>', operand)
      .addHelpText('after', exampleText([...example, kind.example].join(' ')));
  };
  const list = async (session: CommandSession) =>
    session.output.table(await withOrganization(session, kind.list), kind.columns);
  const show = async (session: CommandSession, reference: string) =>
    session.output.data(await onOne(session, reference, kind.read), kind.text);
  const remove = async (session: CommandSession, reference: string) => {
    const { name } = await withConsent(session, (force) =>
      onOne(session, { reference, force }, kind.remove),
    );
    session.output.message(`Removed the ${noun} ${name}.`);
  };
  addCommand('list', descriptions.list).action(frame.action(list));
  addCommand('show', descriptions.show).action(frame.action(show));
  addCommand('remove', descriptions.remove).action(frame.action(remove));
  if (history === undefined) return;
  const edits = async (session: CommandSession, reference: string) =>
    session.output.data(await onOne(session, reference, history), (found) => editLines(found));
  const description = `List the edits of a ${noun}: who changed what, and when`;
  const operand = hasId ? `its name or id; an id also finds a ${noun} that was removed` : isFoundBy;
  addCommand('history', description, operand).action(frame.action(edits));
}

function onOne<Reference, Result>(
  session: CommandSession,
  reference: Reference,
  call: DefinitionCall<Reference, Result>,
): Promise<Result> {
  return withOrganization(session, (administration, id) => call(administration, id, reference));
}

/** Says what a command made or changed; with `--json` also shows it. */
export function tellDefinition(session: CommandSession, view: unknown, words: string): void {
  if (session.json) session.output.data(view, () => '');
  session.output.message(words);
}

/** A definition as the part of a catalog file that holds it, such as `segments`. */
export function asDocument(member: string, name: string, definition: object): string {
  return yamlText({ [member]: { [name]: definition } }).trimEnd();
}
