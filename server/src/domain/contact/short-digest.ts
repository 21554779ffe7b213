/**
 * SHA-256 (FIPS 180-4) of short ASCII texts, such as e-mail addresses. Calls of node's `hash` for
 * them cost more than the hash itself: they make texts and buffers. A text of one block needs none.
 * Reasons and figures are in decision 21.
 */

/** A block has 64 bytes, of which nine end the text. */
const maxLength = 55;

/**
 * Writes the first 16 bytes of the text's SHA-256.
 * @returns `false`, and nothing is written, if the text is longer than 55 characters or not ASCII
 */
export function digestShortText(text: string, into: Buffer): boolean {
  if (text.length > maxLength || !fillBlock(text)) return false;
  digestBlock(into);
  return true;
}

/** The block as 16 words. Rounds write the words of later rounds over those of earlier ones. */
const block = new Int32Array(16);

/** @returns whether the text is ASCII */
function fillBlock(text: string): boolean {
  const { length } = text;
  let all = 0;
  let word = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const one = text.charCodeAt(at);
    const two = text.charCodeAt(at + 1);
    const three = text.charCodeAt(at + 2);
    const four = text.charCodeAt(at + 3);
    all |= one | two | three | four;
    block[word++] = (one << 24) | (two << 16) | (three << 8) | four;
  }
  let shift = 24;
  let last = 0;
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    all |= code;
    last |= code << shift;
    shift -= 8;
  }
  block[word++] = last | (0x80 << shift);
  while (word < 15) block[word++] = 0;
  block[15] = 8 * length;
  return all < 0x80;
}

function digestBlock(into: Buffer): void {
  let a = start[0] as number;
  let b = start[1] as number;
  let c = start[2] as number;
  let d = start[3] as number;
  let e = start[4] as number;
  let f = start[5] as number;
  let g = start[6] as number;
  let h = start[7] as number;
  for (let round = 0; round < 64; round += 1) {
    const word = round < 16 ? (block[round] as number) : nextWord(round);
    const chosen = g ^ (e & (f ^ g));
    const majority = (a & b) | (c & (a | b));
    const sum = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + sum + chosen + (roundConstants[round] as number) + word) | 0;
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  writeWord(a + (start[0] as number), into, 0);
  writeWord(b + (start[1] as number), into, 4);
  writeWord(c + (start[2] as number), into, 8);
  writeWord(d + (start[3] as number), into, 12);
}

function nextWord(round: number): number {
  const early = block[(round + 1) & 15] as number;
  const late = block[(round + 14) & 15] as number;
  const ofEarly = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
  const ofLate = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
  const between = block[(round + 9) & 15] as number;
  const word = ((block[round & 15] as number) + ofEarly + between + ofLate) | 0;
  block[round & 15] = word;
  return word;
}

/** Rotates to the right. */
function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function writeWord(word: number, into: Buffer, at: number): void {
  into[at] = word >>> 24;
  into[at + 1] = word >>> 16;
  into[at + 2] = word >>> 8;
  into[at + 3] = word;
}

/** The first 32 bits of the fractions of the square roots of the first 8 primes. */
// biome-ignore format: a table
const start = Int32Array.of(
  0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
  0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
);

/** Those of the cube roots of the first 64 primes. */
// biome-ignore format: a table
const roundConstants = Int32Array.of(
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
  0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
  0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
  0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
  0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
  0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
  0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
  0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
  0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
  0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
);
