/** Reads the flags of an import that join two names with `=`. */
import { UsageError } from '../exit-code.ts';

/**
 * Splits `left=right`. A column's name may contain `=`. The column is on the left in --rename and
 * --type, which are therefore split at the last `=`; it is on the right in --identifier.
 */
export function flagPairs(flag: string, texts: readonly string[] = []): [string, string][] {
  return texts.map((text) => {
    const at = flag === '--identifier' ? text.indexOf('=') : text.lastIndexOf('=');
    if (at <= 0 || at === text.length - 1) {
      throw new UsageError(
        `${flag} needs two names with = between them. Examples: usher import --help`,
      );
    }
    return [text.slice(0, at), text.slice(at + 1)];
  });
}
