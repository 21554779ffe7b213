/** The median of numbers, which a single unusual round does not change. */

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (low === undefined || high === undefined)
    throw new Error('A median needs at least one number.');
  return (low + high) / 2;
}
