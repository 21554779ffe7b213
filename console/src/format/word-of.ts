/**
 * The word for a value of the API. A node that is newer than the console may answer a value that it
 * does not know: it is then shown as it is.
 */
export function wordOf(words: Readonly<Record<string, string>>, value: string): string {
  return words[value] ?? value;
}
