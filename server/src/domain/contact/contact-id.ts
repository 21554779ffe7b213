/**
 * Contact ids: UUIDv7 (RFC 9562), 16 bytes. An id contains the revision at which its contact was
 * created, so newer contacts have higher ids and a first load only appends to the store.
 */

/** The halves of a revision; a shift would make two more big numbers. */
const halves = new DataView(new ArrayBuffer(8));

/**
 * Writes a new id: 48 bits of the revision's milliseconds, its 16-bit counter (12 bits in `rand_a`,
 * 4 bits in `rand_b`), then 58 random bits.
 * @param revision no other contact may have it
 * @param random has at least 8 bytes after `randomStart`
 */
export function writeContactId(
  into: Uint8Array,
  revision: bigint,
  random: Uint8Array,
  randomStart: number,
): void {
  halves.setBigUint64(0, revision);
  const high = halves.getUint32(0);
  const low = halves.getUint32(4);
  into[0] = high >>> 24;
  into[1] = high >>> 16;
  into[2] = high >>> 8;
  into[3] = high;
  into[4] = low >>> 24;
  into[5] = low >>> 16;
  const counter = low & 0xffff;
  into[6] = 0x70 | (counter >>> 12);
  into[7] = counter >>> 4;
  into[8] = 0x80 | ((counter & 0xf) << 2) | ((random[randomStart] ?? 0) & 3);
  for (let place = 9; place < 16; place += 1) into[place] = random[randomStart + place - 8] ?? 0;
}
