/** The commands that messages suggest, with the call's data folder and organization, to paste. */
import { parseArgs } from 'node:util';
import type { Command, Option } from 'commander';
import { isTerminalSafe } from '../domain/terminal-text.ts';

/** Flags that a suggested command takes over from the call. */
const keptFlags: ReadonlySet<string> = new Set(['--data', '--organization']);

export interface SuggestedCommands {
  /**
   * The call as it was given, with every flag, and with more flags:
   * `again('--prefix', 'crm_')` is `usher import 'my file.csv' --dataset crm --prefix crm_`.
   */
  readonly again: (...moreFlags: readonly string[]) => string;
  /** Another command on the same data: `next('sync', 'approve', runId)`. */
  readonly next: (...words: readonly string[]) => string;
}

/**
 * @param command the called command, as commander hands it to an action
 * @param argv the arguments of the call
 */
export function suggestedCommands(command: Command, argv: readonly string[]): SuggestedCommands {
  const given = givenFlags(command, argv);
  const path = commandPath(command);
  const kept = given.filter(({ words: [flag = ''] }) => keptFlags.has(flag));
  return {
    again: (...moreFlags) => {
      // If the call and the message set the same flag, the message's value wins, except for a flag
      // that may be given several times.
      const before = given.filter(
        ({ isList, words }) => isList || !moreFlags.includes(words[0] ?? ''),
      );
      return shellText([...path, ...withOperands(command, [...wordsOf(before), ...moreFlags])]);
    },
    next: (...words) => shellText(['usher', ...words, ...wordsOf(kept)]),
  };
}

/** Puts operands before the flags, or behind `--` where one of them looks like a flag. */
function withOperands({ args }: Command, flags: readonly string[]): readonly string[] {
  if (args.some((word) => word.startsWith('-'))) return [...flags, '--', ...args];
  return [...args, ...flags];
}

interface GivenFlag {
  /** The flag, then its value if it takes one. */
  readonly words: readonly string[];
  /** Whether it may be given several times. */
  readonly isList: boolean;
}

function wordsOf(flags: readonly GivenFlag[]): readonly string[] {
  return flags.flatMap(({ words }) => words);
}

function givenFlags(command: Command, argv: readonly string[]): readonly GivenFlag[] {
  const texts = givenTexts(command, argv);
  return commandChain(command).flatMap((owner) =>
    owner.options
      .filter((option) => owner.getOptionValueSource(option.attributeName()) === 'cli')
      .flatMap((option) => {
        const isList = Array.isArray(owner.getOptionValue(option.attributeName()));
        const given = texts.get(option.name()) ?? [];
        return flagsOf(option, { isList, texts: isList ? given : given.slice(-1) });
      }),
  );
}

function flagsOf(
  option: Option,
  { isList, texts }: { readonly isList: boolean; readonly texts: readonly string[] },
): readonly GivenFlag[] {
  const flag = option.long ?? option.short ?? '';
  if (!option.required) return [{ words: [flag], isList }];
  return texts.map((text) => ({ words: [flag, text], isList }));
}

/** The values of each flag as they were given: the command may have parsed them into objects. */
function givenTexts(
  command: Command,
  argv: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const chain = commandChain(command);
  const options = chain.flatMap((owner) =>
    owner.options.map((option) => {
      const short = option.short === undefined ? {} : { short: option.short.slice(1) };
      const type: 'string' | 'boolean' = option.required ? 'string' : 'boolean';
      return [option.name(), { type, ...short }] as const;
    }),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    ...{ options: Object.fromEntries(options), strict: false, tokens: true },
  });
  const texts = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== 'option' || typeof token.value !== 'string') continue;
    texts.set(token.name, [...(texts.get(token.name) ?? []), token.value]);
  }
  return texts;
}

function commandPath(command: Command): readonly string[] {
  return commandChain(command)
    .map((one) => one.name())
    .reverse();
}

/** The command itself, then its parents up to the program. */
function commandChain(command: Command): readonly Command[] {
  return command.parent === null ? [command] : [command, ...commandChain(command.parent)];
}

function shellText(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  if (!isTerminalSafe(word) || /[\n\t]/.test(word)) return printedWord(word);
  if (/^[\w=.,:/@+-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A word with control characters, as a `printf` of the octal numbers of its bytes. */
function printedWord(word: string): string {
  const octal = [...Buffer.from(word)].map((byte) =>
    plainByte.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `\\0${byte.toString(8).padStart(3, '0')}`,
  );
  return `"$(printf %b '${octal.join('')}')"`;
}

const plainByte = /^[\w=.,:/@+ -]$/;
