/** Which passwords users may choose. */
import { maxGuessedCharacters, minPasswordGuesses, passwordLength } from './limits.ts';
import { invalid } from './user-error.ts';

/** @throws UsherError `definition_invalid` */
export async function requireGoodPassword(
  password: string,
  email: string,
  path: string,
): Promise<void> {
  const characters = [...password.normalize('NFKC')];
  const { min, max } = passwordLength;
  if (characters.length < min || characters.length > max) {
    throw invalid(path, `The password must have ${min} to ${max} characters.`);
  }
  if ((await guessesFor(characters, email)) >= minPasswordGuesses) return;
  throw invalid(
    path,
    'The password is easy to guess: it is common, repeats itself, or is made of the e-mail address. Choose several words that do not belong together.',
  );
}

/**
 * How many guesses somebody needs who tries common passwords, words, dates, repetitions, runs of
 * keys and the own address first (zxcvbn). The check takes milliseconds, its dictionary 0.2 s once.
 */
async function guessesFor(characters: readonly string[], email: string): Promise<number> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  checker ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  const own = [email, ...email.split(/[@.]/), 'usher'].filter(({ length }) => length >= 3);
  // What is made of the address counts as one character.
  const rest = own.reduce(
    (text, part) => text.replaceAll(part, '@'),
    characters.slice(0, maxGuessedCharacters).join('').toLowerCase(),
  );
  return Math.min(
    checker.check(rest).guesses,
    checker.check(characters.slice(0, maxGuessedCharacters).join(''), own).guesses,
  );
}

let checker: InstanceType<typeof import('@zxcvbn-ts/core')['ZxcvbnFactory']> | undefined;
