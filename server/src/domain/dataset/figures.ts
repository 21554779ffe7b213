/** Figures in the sentences of a command. */

/** 0.123 as `12.3 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

/** 1234 as `1,234`. */
export function amount(count: number): string {
  return count.toLocaleString('en-US');
}
