/**
 * Reads `="01234"`, which spreadsheets write so that a text is not taken for a number, as 01234.
 */
import { readBytes, type SourceFile } from './source-file.ts';

/** @returns the cell itself if it is not such a formula */
export function spreadsheetText(cell: string): string {
  if (!cell.startsWith('="') || !cell.endsWith('"') || cell.length < 3) return cell;
  const text = cell.slice(2, -1);
  return text.includes('"') ? cell : text;
}

/** The same rule in SQL. */
export function spreadsheetTextSql(cell: string): string {
  return `CASE WHEN regexp_full_match(${cell}, '="[^"]*"') THEN ${cell}[3:-2] ELSE ${cell} END`;
}

export function spreadsheetNote({ name }: SourceFile): string {
  return `${name} has cells like ="01234", as spreadsheets write texts: they are read as 01234.`;
}

/** Whether a cell may be such a formula. @param file not compressed */
export async function mayHaveFormulas(file: SourceFile): Promise<boolean> {
  let last = Buffer.alloc(0);
  for await (const piece of readBytes(file)) {
    if (piece.includes('="') || (last[0] === 0x3d && piece[0] === 0x22)) return true;
    last = Buffer.from(piece.subarray(-1));
  }
  return false;
}
