/**
 * The head of an answer in pieces. Look-ups write them into the arena one after the other: a text
 * of all would be the greater part of a look-up's garbage.
 */
import { utf8View } from '../lookup/lookup-plan.ts';
import { copyAll, writeText } from '../lookup/render-contact.ts';

/** A piece that many answers have. */
export interface FixedText {
  readonly text: string;
  readonly bytes: DataView;
}

/** Latin1 text, or more pieces. */
export type HeadPiece = string | FixedText | HeadPieces;

export type HeadPieces = readonly HeadPiece[];

/** @param text ASCII */
export function fixedText(text: string): FixedText {
  return { text, bytes: utf8View(text) };
}

export function textOf(pieces: HeadPieces): string {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else text += 'text' in piece ? piece.text : textOf(piece);
  }
  return text;
}

/** The length as text and in bytes. */
export function lengthOf(pieces: HeadPieces): number {
  let length = 0;
  for (let place = 0; place < pieces.length; place += 1) {
    const piece = pieces[place] as HeadPiece;
    if (typeof piece === 'string') length += piece.length;
    else length += 'text' in piece ? piece.text.length : lengthOf(piece);
  }
  return length;
}

/** @returns the end offset */
export function writePieces(pieces: HeadPieces, into: DataView, from: number): number {
  let at = from;
  for (let place = 0; place < pieces.length; place += 1) {
    const piece = pieces[place] as HeadPiece;
    if (typeof piece === 'string') at = writeText(piece, into, at);
    else at = 'text' in piece ? copyAll(piece.bytes, into, at) : writePieces(piece, into, at);
  }
  return at;
}
