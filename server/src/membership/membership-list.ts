/**
 * Lists of memberships as bytes: their elements are prepared once, and look-ups copy them to where
 * the answer is.
 */

/** Elements as UTF-8 bytes, each after a comma. They stand close together in memory. */
export function prepareElements(texts: readonly string[]): readonly DataView[] {
  const bytes = texts.map((text) => Buffer.from(`,${text}`));
  const all = new Uint8Array(Buffer.concat(bytes)).buffer;
  let end = 0;
  return bytes.map(({ length }) => {
    end += length;
    return new DataView(all, end - length, length);
  });
}

/** A JSON list of one contact. The same list is filled again for the next contact. */
export class MembershipList {
  /** The first `count` of them are in the list. A bracket is in the place of the first comma. */
  readonly elements: DataView[] = [];
  count = 0;
  /** The elements after those, as latin1 text of UTF-8 bytes without brackets. */
  reported = '';
  /** Of the list with its brackets. */
  byteLength = 0;

  /** Begins the list of the next contact. */
  begin(): void {
    this.count = 0;
    this.byteLength = ']'.length;
  }

  add(element: DataView): void {
    this.elements[this.count] = element;
    this.count += 1;
    this.byteLength += element.byteLength;
  }

  /** @returns `undefined` if the list is empty */
  end(reported: string): this | undefined {
    this.reported = reported;
    if (reported !== '') this.byteLength += ','.length + reported.length;
    return this.byteLength === ']'.length ? undefined : this;
  }

  toString(): string {
    const computed = this.elements
      .slice(0, this.count)
      .map(({ buffer, byteOffset, byteLength }) => {
        return Buffer.from(buffer, byteOffset + ','.length, byteLength - ','.length).toString();
      });
    const reported = this.reported === '' ? [] : [Buffer.from(this.reported, 'latin1').toString()];
    return `[${[...computed, ...reported].join(',')}]`;
  }
}
