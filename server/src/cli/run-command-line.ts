/** The command line: takes arguments, returns an exit code. Its commands are `command-list.ts`. */
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addGlobalOptions, CommandFrame } from './command-frame.ts';
import type { CommandIo } from './command-io.ts';
import { commandNames, commandSummaries, loadCommand } from './command-list.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { reportError } from './report-error.ts';
import { cleanIo } from './terminal/clean-io.ts';

/** @param argv without the program's own name */
export async function runCommandLine(argv: readonly string[], world: CommandIo): Promise<number> {
  const io = cleanIo(world);
  const frame = new CommandFrame(io, argv);
  let lostOutput: unknown;
  world.stdout.on('error', (reason: unknown) => {
    lostOutput ??= reason;
  });
  try {
    const program = makeProgram(io);
    await addCommands(program, frame, calledCommand(argv));
    await program.parseAsync(argv, { from: 'user' });
    return frame.exitCode;
  } catch (error) {
    // Commander has printed the error. Its exit code is 0 after --help.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    // `main.ts` has said so.
    if (error !== undefined && error === lostOutput) return exitCodes.failed;
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
    .showHelpAfterError('(to see arguments, flags and examples, add --help)')
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
  usher demo                                  try it: a server with demo data, a token and a curl
  usher import contacts.csv                   import your own contacts
  usher token create --email you@example.com  print a new token
  usher serve                                 start the server

Settings are also read from the environment; flags win. To list them: usher settings
Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 not found, 4 applied with rejected rows, 130 interrupted`;

async function addCommands(
  program: Command,
  frame: CommandFrame,
  called: string | undefined,
): Promise<void> {
  for (const name of commandNames) {
    const command = program.command(name).description(commandSummaries[name]);
    if (name === called) (await loadCommand[name]())(command, frame);
  }
}

/** The first word that names a command, also after `help`. Skips flags and their values. */
function calledCommand(argv: readonly string[]): string | undefined {
  const names: ReadonlySet<string> = new Set(commandNames);
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
