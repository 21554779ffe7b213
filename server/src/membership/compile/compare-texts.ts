/** The order of texts and of big integers. */

/** By code point, as the bytes of UTF-8 are ordered. */
export function compareTexts(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const [unit, otherUnit] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (unit === otherUnit) continue;
    // Surrogates stand for code points above all others, though their own numbers are not.
    const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
    const isOtherSurrogate = otherUnit >= 0xd800 && otherUnit <= 0xdfff;
    if (isSurrogate === isOtherSurrogate) return unit - otherUnit;
    return isSurrogate ? 1 : -1;
  }
  return one.length - other.length;
}

/** Whole numbers as digits without zeros in front. */
export function compareBigIntegers(one: string, other: string): number {
  const [isNegative, isOtherNegative] = [one.startsWith('-'), other.startsWith('-')];
  if (isNegative !== isOtherNegative) return isNegative ? -1 : 1;
  const order = one.length - other.length || compareTexts(one, other);
  return isNegative ? -order : order;
}
