/** What commands share: flags, settings, output, and the step from commander to their functions. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsherError } from '../domain/errors.ts';
import { type ReadSettings, readSettings } from '../settings/read-settings.ts';
import { flagKey, settingNames, settingTable } from '../settings/setting-table.ts';
import type { SettingName, Settings } from '../settings/settings.ts';
import type { CommandIo } from './command-io.ts';
import { CommandOutput } from './command-output.ts';
import { exitCodes } from './exit-code.ts';
import { type SuggestedCommands, suggestedCommands } from './suggested-command.ts';

/** One execution of a command. */
export interface CommandSession {
  readonly io: CommandIo;
  readonly output: CommandOutput;
  readonly settings: Settings;
  /** Every setting with its source, for `usher settings`. */
  readonly shownSettings: ReadSettings['shown'];
  /** The name of the organization that the command works on. */
  readonly organization: string;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether every question is answered with yes. */
  readonly yes: boolean;
  /** The plan that the command approves. */
  readonly plan: string | undefined;
  readonly suggest: SuggestedCommands;
}

/**
 * Gets the operands that the command declares, then its own flags.
 * @returns an exit code, when it is not 0
 */
export type CommandHandler = (
  session: CommandSession,
  ...operandsAndFlags: never[]
) => Promise<number | undefined> | Promise<void>;

/** Gives a command its flags, its subcommands and its action. */
export type DefineCommand = (command: Command, frame: CommandFrame) => void;

/** Settings that every command takes as flags. */
export const globalSettings: readonly SettingName[] = ['dataFolder', 'logLevel'];

export class CommandFrame {
  readonly #io: CommandIo;
  readonly #argv: readonly string[];
  exitCode: number = exitCodes.done;

  /** @param argv the arguments of the call */
  constructor(io: CommandIo, argv: readonly string[]) {
    this.#io = io;
    this.#argv = argv;
  }

  /** The function that commander calls when the command is called. */
  action(handler: CommandHandler): (...args: unknown[]) => Promise<void> {
    return async (...args) => {
      const session = this.#session(args.at(-1) as Command);
      const running = handler(session, ...(args.slice(0, -1) as never[]));
      const code = await running.catch((error: unknown) => {
        throw withCommand(error, session);
      });
      if (typeof code === 'number') this.exitCode = code;
    };
  }

  #session(command: Command): CommandSession {
    const options: Readonly<Record<string, unknown>> = command.optsWithGlobals();
    const { json, quiet } = { json: options['json'] === true, quiet: options['quiet'] === true };
    const { settings, shown } = readSettings({
      flags: settingFlags(options),
      environment: this.#io.environment,
      machine: this.#io.machine,
    });
    return {
      io: this.#io,
      output: new CommandOutput(this.#io, { json, quiet }),
      settings,
      shownSettings: shown,
      organization: String(options['organization']),
      json,
      quiet,
      yes: options['yes'] === true,
      plan: typeof options['plan'] === 'string' ? options['plan'] : undefined,
      suggest: suggestedCommands(command, this.#argv),
    };
  }
}

/** Adds the command that carries out a plan, if the change needs one. */
function withCommand(error: unknown, { suggest, json }: CommandSession): unknown {
  if (!(error instanceof UsherError) || typeof error.members['plan'] !== 'string') return error;
  if (json) return error;
  const { code, detail, members } = error;
  const again = suggest.again('--plan', error.members['plan']);
  const words = members['second_person'] === true ? `${detail} They run:` : detail;
  return new UsherError(code, `${words}\n${again}`, { members, cause: error });
}

export function addGlobalOptions(program: Command): void {
  addSettingOptions(program, globalSettings);
  program
    .option('--json', 'print data as JSON')
    .option('-q, --quiet', 'print only data and errors')
    .option('-y, --yes', 'answer every question with yes')
    .option('--plan <id>', 'approve the plan of this change (see docs/flows.md)');
}

/** Adds the flags of settings, with their descriptions from the table of settings. */
export function addSettingOptions(command: Command, names: readonly SettingName[]): void {
  for (const name of names) {
    const { flag, variable, description, usual } = settingTable[name];
    const hasDefault = typeof usual === 'string' && usual !== '';
    const origin = hasDefault ? `${variable}; default: ${usual}` : variable;
    command.addOption(new Option(flag, `${description} (${origin})`));
  }
}

/** The examples at the end of a command's help. */
export function exampleText(...calls: readonly string[]): string {
  return [
    '',
    calls.length === 1 ? 'Example:' : 'Examples:',
    ...calls.map((call) => `  ${call}`),
  ].join('\n');
}

/** Adds `--organization` to a command that works on one organization. */
export function addOrganizationOption(command: Command): Command {
  return command.option(
    '--organization <name>',
    'the organization that the command works on',
    'default',
  );
}

/** Parses a flag that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

export function parseNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number)) return number;
  throw new InvalidArgumentError('Give a number.');
}

export function parseSwitch(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('Give on or off.');
}

export function parseYesNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw new InvalidArgumentError('Give yes or no.');
}

function settingFlags(options: Readonly<Record<string, unknown>>): Map<SettingName, string> {
  const flags = new Map<SettingName, string>();
  for (const name of settingNames) {
    // A command may have its own flag of the same name; a setting's value is always text.
    const text = options[flagKey(name)];
    if (typeof text === 'string') flags.set(name, text);
  }
  return flags;
}
