/**
 * The command line as the program itself describes it: every command that can be run, with its
 * flags.
 */
import { Command, type Option } from 'commander';
import { addGlobalOptions, CommandFrame } from '../../src/cli/command-frame.ts';
import type { CommandIo } from '../../src/cli/command-io.ts';
import { commandNames, commandSummaries, loadCommand } from '../../src/cli/command-list.ts';

export interface CommandFacts {
  /** `usher token create`, with its operands: `usher token revoke <ref>`. */
  readonly call: string;
  readonly description: string;
  /** As commander shows them: `--email <email>`. Those that only Usher itself gives are hidden. */
  readonly flags: readonly { readonly flags: string; readonly description: string }[];
  /** What `--help` prints. */
  readonly help: string;
}

/** The commands in order, and first the program itself with the flags that all of them take. */
export async function readCommands(): Promise<CommandFacts[]> {
  const program = new Command('usher');
  addGlobalOptions(program);
  // No command is run, so none of the world is looked at.
  const frame = new CommandFrame({} as CommandIo, []);
  for (const name of commandNames) {
    const command = program.command(name).description(commandSummaries[name]);
    (await loadCommand[name]())(command, frame);
  }
  return [factsOf(program, ''), ...leaves(program, '')];
}

function leaves(command: Command, above: string): CommandFacts[] {
  const path = `${above}${command.name()} `;
  return command.commands.flatMap((child) =>
    child.commands.length > 0 ? leaves(child, path) : [factsOf(child, path)],
  );
}

function factsOf(command: Command, above: string): CommandFacts {
  const operands = command.registeredArguments.map((operand) => {
    const name = operand.variadic ? `${operand.name()}...` : operand.name();
    return operand.required ? ` <${name}>` : ` [${name}]`;
  });
  return {
    call: `${above}${command.name()}${operands.join('')}`,
    description: command.description(),
    flags: command.options
      .filter(({ hidden }) => !hidden)
      .map((option) => ({ flags: option.flags, description: descriptionOf(option) })),
    help: helpOf(command),
  };
}

/** With the default, as commander adds it in `--help`. */
function descriptionOf({ description, defaultValue }: Option): string {
  return defaultValue === undefined ? description : `${description} (default: ${defaultValue})`;
}

/** With what commands add to it, which commander hands out only by printing. */
function helpOf(command: Command): string {
  let help = '';
  const writeOut = (text: string) => {
    help += text;
  };
  command.configureOutput({ writeOut }).outputHelp();
  return help;
}
