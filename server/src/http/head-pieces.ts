/**
 * The head of an answer in pieces. Look-ups write them into the arena one after the other: texts
 * would be the greater part of a look-up's garbage.
 */
import { type EntityTag, tagLength, tagText, writeTag } from '../lookup/entity-tag.ts';
import { utf8View } from '../lookup/lookup-plan.ts';
import { copyAll, writeText } from '../lookup/render-contact.ts';

/** A piece that many answers have. */
export interface FixedText {
  readonly text: string;
  readonly bytes: DataView;
}

/** Latin1 text, a whole number from 0 to 2^31 - 1, an entity tag, or more pieces. */
export type HeadPiece = string | number | FixedText | EntityTag | HeadPieces;

export type HeadPieces = readonly HeadPiece[];

/** @param text ASCII */
export function fixedText(text: string): FixedText {
  return { text, bytes: utf8View(text) };
}

export function textOf(piece: HeadPiece): string {
  if (typeof piece === 'string') return piece;
  if (typeof piece === 'number') return String(piece);
  if ('text' in piece) return piece.text;
  if ('high' in piece) return tagText(piece);
  let text = '';
  for (const part of piece) text += textOf(part);
  return text;
}

/** The length as text and in bytes. */
export function lengthOf(pieces: HeadPieces): number {
  let length = 0;
  for (let place = 0; place < pieces.length; place += 1) {
    const piece = pieces[place] as HeadPiece;
    if (typeof piece === 'string') length += piece.length;
    else if (typeof piece === 'number') length += countDigits(piece);
    else if ('text' in piece) length += piece.text.length;
    else length += 'high' in piece ? tagLength : lengthOf(piece);
  }
  return length;
}

/** @returns the end offset */
export function writePieces(pieces: HeadPieces, into: DataView, from: number): number {
  let at = from;
  for (let place = 0; place < pieces.length; place += 1) {
    const piece = pieces[place] as HeadPiece;
    if (typeof piece === 'string') at = writeText(piece, into, at);
    else if (typeof piece === 'number') at = writeNumber(piece, into, at);
    else if ('text' in piece) at = copyAll(piece.bytes, into, at);
    else at = 'high' in piece ? writeTag(piece, into, at) : writePieces(piece, into, at);
  }
  return at;
}

function countDigits(number: number): number {
  let digits = 1;
  for (let rest = number | 0; rest > 9; rest = (rest / 10) | 0) digits += 1;
  return digits;
}

function writeNumber(number: number, into: DataView, from: number): number {
  const end = from + countDigits(number);
  let rest = number | 0;
  for (let at = end - 1; at >= from; at -= 1) {
    const left = (rest / 10) | 0;
    into.setUint8(at, 48 + rest - 10 * left);
    rest = left;
  }
  return end;
}
