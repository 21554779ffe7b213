/**
 * The compression function of MD5 (RFC 1321): four rounds of 16 steps. It allocates nothing, and is
 * written out because a loop takes half as long again. Each step waits for the result of the one
 * before it, so it first adds up what does not depend on that result.
 */

/** The state before the first block. */
export const md5Start = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);

const state = new Int32Array(4);

/**
 * Adds 16 words of a message to the sums of the blocks before.
 * @param sums four words
 * @param start the place of the first word
 */
export function addMd5Block(sums: Int32Array, message: Int32Array, start: number): void {
  for (let place = 0; place < 4; place += 1) state[place] = at(sums, place);
  firstRoundBegin(message, start);
  firstRoundEnd(message, start);
  secondRound(message, start);
  thirdRound(message, start);
  fourthRound(message, start);
  lastSteps(message, start);
  for (let place = 0; place < 4; place += 1) sums[place] = at(sums, place) + at(state, place);
}

/**
 * Begins with the first eight words of a message, which others can have in common.
 * @param begun four words to change
 */
export function beginMd5(begun: Int32Array, message: Int32Array): void {
  for (let place = 0; place < 4; place += 1) state[place] = at(md5Start, place);
  firstRoundBegin(message, 0);
  for (let place = 0; place < 4; place += 1) begun[place] = at(state, place);
}

/**
 * The first word of the sum of a message of one block.
 * @param begun what `beginMd5` made of its first eight words
 */
export function firstMd5Word(begun: Int32Array, message: Int32Array): number {
  for (let place = 0; place < 4; place += 1) state[place] = at(begun, place);
  firstRoundEnd(message, 0);
  secondRound(message, 0);
  thirdRound(message, 0);
  fourthRound(message, 0);
  return (at(md5Start, 0) + at(state, 0)) | 0;
}

function at(words: Int32Array, place: number): number {
  return words[place] as number;
}

function firstRoundBegin(x: Int32Array, start: number): void {
  let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
  a = (((a + (x[start] as number) + 0xd76aa478) | 0) + (d ^ (b & (c ^ d)))) | 0;
  a = (((a << 7) | (a >>> 25)) + b) | 0;
  d = (((d + (x[start + 1] as number) + 0xe8c7b756) | 0) + (c ^ (a & (b ^ c)))) | 0;
  d = (((d << 12) | (d >>> 20)) + a) | 0;
  c = (((c + (x[start + 2] as number) + 0x242070db) | 0) + (b ^ (d & (a ^ b)))) | 0;
  c = (((c << 17) | (c >>> 15)) + d) | 0;
  b = (((b + (x[start + 3] as number) + 0xc1bdceee) | 0) + (a ^ (c & (d ^ a)))) | 0;
  b = (((b << 22) | (b >>> 10)) + c) | 0;
  a = (((a + (x[start + 4] as number) + 0xf57c0faf) | 0) + (d ^ (b & (c ^ d)))) | 0;
  a = (((a << 7) | (a >>> 25)) + b) | 0;
  d = (((d + (x[start + 5] as number) + 0x4787c62a) | 0) + (c ^ (a & (b ^ c)))) | 0;
  d = (((d << 12) | (d >>> 20)) + a) | 0;
  c = (((c + (x[start + 6] as number) + 0xa8304613) | 0) + (b ^ (d & (a ^ b)))) | 0;
  c = (((c << 17) | (c >>> 15)) + d) | 0;
  b = (((b + (x[start + 7] as number) + 0xfd469501) | 0) + (a ^ (c & (d ^ a)))) | 0;
  b = (((b << 22) | (b >>> 10)) + c) | 0;
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function firstRoundEnd(x: Int32Array, start: number): void {
  let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
  a = (((a + (x[start + 8] as number) + 0x698098d8) | 0) + (d ^ (b & (c ^ d)))) | 0;
  a = (((a << 7) | (a >>> 25)) + b) | 0;
  d = (((d + (x[start + 9] as number) + 0x8b44f7af) | 0) + (c ^ (a & (b ^ c)))) | 0;
  d = (((d << 12) | (d >>> 20)) + a) | 0;
  c = (((c + (x[start + 10] as number) + 0xffff5bb1) | 0) + (b ^ (d & (a ^ b)))) | 0;
  c = (((c << 17) | (c >>> 15)) + d) | 0;
  b = (((b + (x[start + 11] as number) + 0x895cd7be) | 0) + (a ^ (c & (d ^ a)))) | 0;
  b = (((b << 22) | (b >>> 10)) + c) | 0;
  a = (((a + (x[start + 12] as number) + 0x6b901122) | 0) + (d ^ (b & (c ^ d)))) | 0;
  a = (((a << 7) | (a >>> 25)) + b) | 0;
  d = (((d + (x[start + 13] as number) + 0xfd987193) | 0) + (c ^ (a & (b ^ c)))) | 0;
  d = (((d << 12) | (d >>> 20)) + a) | 0;
  c = (((c + (x[start + 14] as number) + 0xa679438e) | 0) + (b ^ (d & (a ^ b)))) | 0;
  c = (((c << 17) | (c >>> 15)) + d) | 0;
  b = (((b + (x[start + 15] as number) + 0x49b40821) | 0) + (a ^ (c & (d ^ a)))) | 0;
  b = (((b << 22) | (b >>> 10)) + c) | 0;
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function secondRound(x: Int32Array, start: number): void {
  let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
  a = (((a + (c & ~d) + (x[start + 1] as number) + 0xf61e2562) | 0) + (b & d)) | 0;
  a = (((a << 5) | (a >>> 27)) + b) | 0;
  d = (((d + (b & ~c) + (x[start + 6] as number) + 0xc040b340) | 0) + (a & c)) | 0;
  d = (((d << 9) | (d >>> 23)) + a) | 0;
  c = (((c + (a & ~b) + (x[start + 11] as number) + 0x265e5a51) | 0) + (d & b)) | 0;
  c = (((c << 14) | (c >>> 18)) + d) | 0;
  b = (((b + (d & ~a) + (x[start] as number) + 0xe9b6c7aa) | 0) + (c & a)) | 0;
  b = (((b << 20) | (b >>> 12)) + c) | 0;
  a = (((a + (c & ~d) + (x[start + 5] as number) + 0xd62f105d) | 0) + (b & d)) | 0;
  a = (((a << 5) | (a >>> 27)) + b) | 0;
  d = (((d + (b & ~c) + (x[start + 10] as number) + 0x02441453) | 0) + (a & c)) | 0;
  d = (((d << 9) | (d >>> 23)) + a) | 0;
  c = (((c + (a & ~b) + (x[start + 15] as number) + 0xd8a1e681) | 0) + (d & b)) | 0;
  c = (((c << 14) | (c >>> 18)) + d) | 0;
  b = (((b + (d & ~a) + (x[start + 4] as number) + 0xe7d3fbc8) | 0) + (c & a)) | 0;
  b = (((b << 20) | (b >>> 12)) + c) | 0;
  a = (((a + (c & ~d) + (x[start + 9] as number) + 0x21e1cde6) | 0) + (b & d)) | 0;
  a = (((a << 5) | (a >>> 27)) + b) | 0;
  d = (((d + (b & ~c) + (x[start + 14] as number) + 0xc33707d6) | 0) + (a & c)) | 0;
  d = (((d << 9) | (d >>> 23)) + a) | 0;
  c = (((c + (a & ~b) + (x[start + 3] as number) + 0xf4d50d87) | 0) + (d & b)) | 0;
  c = (((c << 14) | (c >>> 18)) + d) | 0;
  b = (((b + (d & ~a) + (x[start + 8] as number) + 0x455a14ed) | 0) + (c & a)) | 0;
  b = (((b << 20) | (b >>> 12)) + c) | 0;
  a = (((a + (c & ~d) + (x[start + 13] as number) + 0xa9e3e905) | 0) + (b & d)) | 0;
  a = (((a << 5) | (a >>> 27)) + b) | 0;
  d = (((d + (b & ~c) + (x[start + 2] as number) + 0xfcefa3f8) | 0) + (a & c)) | 0;
  d = (((d << 9) | (d >>> 23)) + a) | 0;
  c = (((c + (a & ~b) + (x[start + 7] as number) + 0x676f02d9) | 0) + (d & b)) | 0;
  c = (((c << 14) | (c >>> 18)) + d) | 0;
  b = (((b + (d & ~a) + (x[start + 12] as number) + 0x8d2a4c8a) | 0) + (c & a)) | 0;
  b = (((b << 20) | (b >>> 12)) + c) | 0;
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function thirdRound(x: Int32Array, start: number): void {
  let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
  a = (((a + (x[start + 5] as number) + 0xfffa3942) | 0) + (b ^ (c ^ d))) | 0;
  a = (((a << 4) | (a >>> 28)) + b) | 0;
  d = (((d + (x[start + 8] as number) + 0x8771f681) | 0) + (a ^ (b ^ c))) | 0;
  d = (((d << 11) | (d >>> 21)) + a) | 0;
  c = (((c + (x[start + 11] as number) + 0x6d9d6122) | 0) + (d ^ (a ^ b))) | 0;
  c = (((c << 16) | (c >>> 16)) + d) | 0;
  b = (((b + (x[start + 14] as number) + 0xfde5380c) | 0) + (c ^ (d ^ a))) | 0;
  b = (((b << 23) | (b >>> 9)) + c) | 0;
  a = (((a + (x[start + 1] as number) + 0xa4beea44) | 0) + (b ^ (c ^ d))) | 0;
  a = (((a << 4) | (a >>> 28)) + b) | 0;
  d = (((d + (x[start + 4] as number) + 0x4bdecfa9) | 0) + (a ^ (b ^ c))) | 0;
  d = (((d << 11) | (d >>> 21)) + a) | 0;
  c = (((c + (x[start + 7] as number) + 0xf6bb4b60) | 0) + (d ^ (a ^ b))) | 0;
  c = (((c << 16) | (c >>> 16)) + d) | 0;
  b = (((b + (x[start + 10] as number) + 0xbebfbc70) | 0) + (c ^ (d ^ a))) | 0;
  b = (((b << 23) | (b >>> 9)) + c) | 0;
  a = (((a + (x[start + 13] as number) + 0x289b7ec6) | 0) + (b ^ (c ^ d))) | 0;
  a = (((a << 4) | (a >>> 28)) + b) | 0;
  d = (((d + (x[start] as number) + 0xeaa127fa) | 0) + (a ^ (b ^ c))) | 0;
  d = (((d << 11) | (d >>> 21)) + a) | 0;
  c = (((c + (x[start + 3] as number) + 0xd4ef3085) | 0) + (d ^ (a ^ b))) | 0;
  c = (((c << 16) | (c >>> 16)) + d) | 0;
  b = (((b + (x[start + 6] as number) + 0x04881d05) | 0) + (c ^ (d ^ a))) | 0;
  b = (((b << 23) | (b >>> 9)) + c) | 0;
  a = (((a + (x[start + 9] as number) + 0xd9d4d039) | 0) + (b ^ (c ^ d))) | 0;
  a = (((a << 4) | (a >>> 28)) + b) | 0;
  d = (((d + (x[start + 12] as number) + 0xe6db99e5) | 0) + (a ^ (b ^ c))) | 0;
  d = (((d << 11) | (d >>> 21)) + a) | 0;
  c = (((c + (x[start + 15] as number) + 0x1fa27cf8) | 0) + (d ^ (a ^ b))) | 0;
  c = (((c << 16) | (c >>> 16)) + d) | 0;
  b = (((b + (x[start + 2] as number) + 0xc4ac5665) | 0) + (c ^ (d ^ a))) | 0;
  b = (((b << 23) | (b >>> 9)) + c) | 0;
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function fourthRound(x: Int32Array, start: number): void {
  let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
  a = (((a + (x[start] as number) + 0xf4292244) | 0) + (c ^ (b | ~d))) | 0;
  a = (((a << 6) | (a >>> 26)) + b) | 0;
  d = (((d + (x[start + 7] as number) + 0x432aff97) | 0) + (b ^ (a | ~c))) | 0;
  d = (((d << 10) | (d >>> 22)) + a) | 0;
  c = (((c + (x[start + 14] as number) + 0xab9423a7) | 0) + (a ^ (d | ~b))) | 0;
  c = (((c << 15) | (c >>> 17)) + d) | 0;
  b = (((b + (x[start + 5] as number) + 0xfc93a039) | 0) + (d ^ (c | ~a))) | 0;
  b = (((b << 21) | (b >>> 11)) + c) | 0;
  a = (((a + (x[start + 12] as number) + 0x655b59c3) | 0) + (c ^ (b | ~d))) | 0;
  a = (((a << 6) | (a >>> 26)) + b) | 0;
  d = (((d + (x[start + 3] as number) + 0x8f0ccc92) | 0) + (b ^ (a | ~c))) | 0;
  d = (((d << 10) | (d >>> 22)) + a) | 0;
  c = (((c + (x[start + 10] as number) + 0xffeff47d) | 0) + (a ^ (d | ~b))) | 0;
  c = (((c << 15) | (c >>> 17)) + d) | 0;
  b = (((b + (x[start + 1] as number) + 0x85845dd1) | 0) + (d ^ (c | ~a))) | 0;
  b = (((b << 21) | (b >>> 11)) + c) | 0;
  a = (((a + (x[start + 8] as number) + 0x6fa87e4f) | 0) + (c ^ (b | ~d))) | 0;
  a = (((a << 6) | (a >>> 26)) + b) | 0;
  d = (((d + (x[start + 15] as number) + 0xfe2ce6e0) | 0) + (b ^ (a | ~c))) | 0;
  d = (((d << 10) | (d >>> 22)) + a) | 0;
  c = (((c + (x[start + 6] as number) + 0xa3014314) | 0) + (a ^ (d | ~b))) | 0;
  c = (((c << 15) | (c >>> 17)) + d) | 0;
  b = (((b + (x[start + 13] as number) + 0x4e0811a1) | 0) + (d ^ (c | ~a))) | 0;
  b = (((b << 21) | (b >>> 11)) + c) | 0;
  a = (((a + (x[start + 4] as number) + 0xf7537e82) | 0) + (c ^ (b | ~d))) | 0;
  a = (((a << 6) | (a >>> 26)) + b) | 0;
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

/** Nothing of this changes the first word of the state. */
function lastSteps(x: Int32Array, start: number): void {
  let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
  d = (((d + (x[start + 11] as number) + 0xbd3af235) | 0) + (b ^ (a | ~c))) | 0;
  d = (((d << 10) | (d >>> 22)) + a) | 0;
  c = (((c + (x[start + 2] as number) + 0x2ad7d2bb) | 0) + (a ^ (d | ~b))) | 0;
  c = (((c << 15) | (c >>> 17)) + d) | 0;
  b = (((b + (x[start + 9] as number) + 0xeb86d391) | 0) + (d ^ (c | ~a))) | 0;
  b = (((b << 21) | (b >>> 11)) + c) | 0;
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}
