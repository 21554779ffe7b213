/** Lines of CSV (RFC 4180). */

/** @param cells texts, in the order of the columns */
export function csvLine(cells: readonly string[]): string {
  return cells.map(quoted).join(',');
}

/** The text, so that a spreadsheet shows it and does not run it as a formula (OWASP). */
export function spreadsheetText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
