/** Writes a command's data to stdout, as text or (`--json`) as JSON, and messages to stderr. */
import type { CommandIo } from './command-io.ts';
import { formatTable } from './terminal/format-table.ts';

export class CommandOutput {
  readonly #io: Pick<CommandIo, 'stdout' | 'stderr'>;
  readonly #isJson: boolean;
  readonly #isQuiet: boolean;

  constructor(
    io: Pick<CommandIo, 'stdout' | 'stderr'>,
    options: { readonly json: boolean; readonly quiet: boolean },
  ) {
    this.#io = io;
    this.#isJson = options.json;
    this.#isQuiet = options.quiet;
  }

  /** Writes `words(value)`, or `value` as JSON. */
  data<T>(value: T, words: (value: T) => string): void {
    const text = this.#isJson ? JSON.stringify(value, null, 2) : words(value);
    this.#io.stdout.write(`${text}\n`);
  }

  /** Writes a table with one column for each of `columns`, or `rows` as JSON. */
  table<T>(rows: readonly T[], columns: Readonly<Record<string, (row: T) => string>>): void {
    this.data(rows, () => {
      const cells = rows.map((row) => Object.values(columns).map((text) => text(row)));
      return formatTable([Object.keys(columns), ...cells]);
    });
  }

  /** Writes what helps but was not asked for. `--quiet` leaves it out. */
  message(text: string): void {
    if (!this.#isQuiet) this.#io.stderr.write(`${text}\n`);
  }

  /** Writes what must be seen, also with `--quiet`. */
  warning(text: string): void {
    this.#io.stderr.write(`warning: ${text}\n`);
  }
}
