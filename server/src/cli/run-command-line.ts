/**
 * The command line: arguments and a world in, an exit code out. The commands are in
 * `command-list.ts`, a file each in `commands/`.
 */
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addGlobalOptions, CommandFrame } from './command-frame.ts';
import type { CommandIo } from './command-io.ts';
import { commandList } from './command-list.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { reportError } from './report-error.ts';
import { cleanIo } from './terminal/clean-io.ts';

/** @param argv without the program's own name */
export async function runCommandLine(argv: readonly string[], world: CommandIo): Promise<number> {
  const io = cleanIo(world);
  const frame = new CommandFrame(io);
  try {
    const program = makeProgram(io);
    await addCommands(program, frame, calledCommand(argv));
    await program.parseAsync(argv, { from: 'user' });
    return frame.exitCode;
  } catch (error) {
    // Commander has told already, and sets 0 for help that was asked for.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    const debug = flagValue(argv, '--log-level') ?? io.environment['USHER_LOG_LEVEL'];
    reportError(io, error, {
      json: argv.includes('--json'),
      debug: debug === 'debug' || debug === 'trace',
    });
    return exitCodeOf(error);
  }
}

function makeProgram(io: CommandIo): Command {
  const program = new Command('usher')
    .description('The open, self-hosted Audience API: who is this person, to us?')
    .version(manifest.version)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what it takes, with examples)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    });
  addGlobalOptions(program);
  program.addHelpText('after', programExamples);
  return program;
}

const programExamples = `
Examples:
  usher demo                                  demo data, a server, a token and a ready curl
  usher import contacts.csv                   your own file
  usher token create --email you@example.com  a token, on stdout
  usher serve                                 the server

Every flag of a setting has an environment variable; flags win: usher settings
Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 not found, 4 applied with rejected rows, 130 interrupted`;

async function addCommands(
  program: Command,
  frame: CommandFrame,
  called: string | undefined,
): Promise<void> {
  for (const { name, summary, load } of commandList) {
    if (name !== called) {
      program.command(name).description(summary);
      continue;
    }
    const define = await load();
    define(program, frame);
  }
}

/** The first word that names a command; also after `help`. The words of flags are passed over. */
function calledCommand(argv: readonly string[]): string | undefined {
  const names = new Set(commandList.map(({ name }) => name));
  for (let place = 0; place < argv.length; place += 1) {
    const word = argv[place] ?? '';
    if (names.has(word)) return word;
    if (flagsWithText.has(word)) place += 1;
    else if (!word.startsWith('-') && word !== 'help') return undefined;
  }
  return undefined;
}

const flagsWithText: ReadonlySet<string> = new Set(['--data', '--log-level']);

function flagValue(argv: readonly string[], flag: string): string | undefined {
  const place = argv.indexOf(flag);
  const joined = argv.find((word) => word.startsWith(`${flag}=`));
  return place === -1 ? joined?.slice(flag.length + 1) : argv[place + 1];
}
