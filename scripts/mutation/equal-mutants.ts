/** Mutants that change nothing that a caller could see, each with the reason. They are known again by what their line says. */
export interface EqualMutant {
  readonly path: string;
  /** The line, without blanks around it. */
  readonly code: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

const failures = 'server/src/domain/failed-authentication.ts';
const digest = "return Number.parseInt(hash('sha256', unit, 'hex').slice(0, 12), 16) + 1;";
const otherDigits = 'Any digits of a digest tell addresses apart, as exact numbers and never 0.';
const after = "const after = tail === '' ? [] : tail.split(':');";
const oldest =
  'if ((this.#entries[entry + 2] ?? 0) < (this.#entries[oldest + 2] ?? 0)) oldest = entry;';

export const equalMutants: readonly EqualMutant[] = [
  ...[
    ['0', '1'],
    ['12', '13'],
    ['16', '17'],
    ['1', '2'],
    ['+', '-'],
  ].map(([from = '', to = '']) => ({
    path: failures,
    code: digest,
    from,
    to,
    reason: otherDigits,
  })),
  {
    ...{ path: failures, code: after, from: "''", to: "'x'" },
    reason: 'An empty tail is then one group more and one zero less, behind the first four.',
  },
  {
    ...{ path: failures, code: oldest, from: '<', to: '<=' },
    reason: 'Of two addresses that were seen at the same time, either may be forgotten.',
  },
];
