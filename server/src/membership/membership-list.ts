/**
 * Lists of memberships as bytes: their elements are prepared once, and look-ups copy them to where
 * the answer is.
 */

/** Elements as UTF-8 bytes, each after a comma, one after the other. */
interface PreparedElements {
  readonly bytes: DataView;
  /** Where each element begins, and where the last one ends. */
  readonly starts: Uint32Array;
}

function prepareElements(texts: readonly string[]): PreparedElements {
  const bytes = texts.map((text) => Buffer.from(`,${text}`));
  const starts = new Uint32Array(bytes.length + 1);
  for (const [place, { length }] of bytes.entries()) {
    starts[place + 1] = (starts[place] ?? 0) + length;
  }
  return { bytes: new DataView(new Uint8Array(Buffer.concat(bytes)).buffer), starts };
}

/** A JSON list of one contact. The same list is filled again for the next contact. */
export class MembershipList {
  /** All elements that lists can have. */
  readonly elements: PreparedElements;
  /**
   * Places of elements, ascending. The first `count` of them are in the list. A bracket is in the
   * place of the first comma.
   */
  readonly places: Uint32Array;
  count = 0;
  /** The elements after those, as latin1 text of UTF-8 bytes without brackets. */
  reported = '';
  /** Of the list with its brackets. */
  byteLength = 0;

  /** @param texts the elements that lists can have, as JSON */
  constructor(texts: readonly string[]) {
    this.elements = prepareElements(texts);
    this.places = new Uint32Array(texts.length);
  }

  /**
   * Fills the list for the next contact.
   * @param places places of elements, ascending, of which the first `count` count
   * @returns `undefined` if the list is empty
   */
  fill(places: Uint32Array, count: number, reported: string): this | undefined {
    const { starts } = this.elements;
    let byteLength = ']'.length;
    for (let index = 0; index < count; index += 1) {
      const place = places[index] as number;
      this.places[index] = place;
      byteLength += (starts[place + 1] as number) - (starts[place] as number);
    }
    if (reported !== '') byteLength += ','.length + reported.length;
    this.count = count;
    this.reported = reported;
    this.byteLength = byteLength;
    return byteLength === ']'.length ? undefined : this;
  }

  toString(): string {
    const { bytes, starts } = this.elements;
    const computed = [...this.places.subarray(0, this.count)].map((place) => {
      const start = (starts[place] ?? 0) + ','.length;
      return Buffer.from(bytes.buffer, start, (starts[place + 1] ?? start) - start).toString();
    });
    const reported = this.reported === '' ? [] : [Buffer.from(this.reported, 'latin1').toString()];
    return `[${[...computed, ...reported].join(',')}]`;
  }
}
