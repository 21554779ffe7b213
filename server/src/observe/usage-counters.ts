/**
 * Counts the calls of each token in shared memory. Each look-up thread writes its own row, so
 * counting is a plain addition; readers add the rows up. A count that is being written may be seen
 * before or after. A replacement thread continues the row of its predecessor.
 */
import {
  latencyBucketCount,
  latencyPlace,
  statusPlace,
  type UsageSums,
  usageStatuses,
} from '../domain/usage-sums.ts';

/** Places in the slot of a token: its row id and its organization, then the counts. */
const tokenPlace = 0;
const organizationPlace = 1;
const unitsPlace = 2;
const otherPlace = 3;
const statusesPlace = 4;
const latenciesPlace = statusesPlace + usageStatuses.length + 1;
const slotLength = latenciesPlace + latencyBucketCount;

/**
 * Tokens that a server counts in its life: 2,048 x 176 counts x 8 bytes are 2.9 MB for each thread.
 * The system maps only the memory that is used. Calls of further tokens are not counted.
 */
const maxCountedTokens = 2_048;
const rowLength = maxCountedTokens * slotLength;

/** Memory for the counters of all look-up threads. */
export function allocateUsage(layout: { readonly rows: number }): SharedArrayBuffer {
  return new SharedArrayBuffer(8 * layout.rows * rowLength);
}

/** Whose call it is. */
export interface CountedToken {
  /** Unique in the catalog, above 0. */
  readonly rowId: number;
  readonly organizationId: number;
}

export interface CountedCall {
  /** `undefined`: it had no valid token, and is not counted. */
  readonly token: CountedToken | undefined;
  /** What it took of the organization's limit. */
  readonly units: number;
}

/** Writes the row of one thread. */
export class UsageCounters {
  readonly #row: Float64Array;
  /** Places of slots by the token's row id. */
  readonly #slots = new Map<number, number>();

  constructor(memory: SharedArrayBuffer, row: number) {
    this.#row = new Float64Array(memory, 8 * rowLength * row, rowLength);
    for (let slot = 0; slot < rowLength && this.#row[slot] !== 0; slot += slotLength) {
      this.#slots.set(this.#row[slot] as number, slot);
    }
  }

  /** Allocates nothing but at the first call of a token. */
  countLookup(call: CountedCall, status: number, durationMs: number): void {
    const { token } = call;
    if (token === undefined) return;
    const slot = this.#slots.get(token.rowId) ?? this.#addSlot(token);
    if (slot === undefined) return;
    this.#add(slot + unitsPlace, call.units);
    this.#add(slot + statusesPlace + statusPlace(status), 1);
    this.#add(slot + latenciesPlace + latencyPlace(durationMs), 1);
  }

  /** A call of administration, or a push. */
  countOther({ token }: CountedCall): void {
    if (token === undefined) return;
    const slot = this.#slots.get(token.rowId) ?? this.#addSlot(token);
    if (slot !== undefined) this.#add(slot + otherPlace, 1);
  }

  #add(place: number, by: number): void {
    this.#row[place] = (this.#row[place] as number) + by;
  }

  #addSlot({ rowId, organizationId }: CountedToken): number | undefined {
    if (this.#slots.size >= maxCountedTokens) return undefined;
    const slot = this.#slots.size * slotLength;
    this.#row[slot + organizationPlace] = organizationId;
    this.#row[slot + tokenPlace] = rowId;
    this.#slots.set(rowId, slot);
    return slot;
  }
}

/** The counts of a token since the start of the server. */
export interface TokenUsage extends UsageSums {
  readonly tokenRowId: number;
  readonly organizationId: number;
}

/** Reads the rows of all threads. */
export class UsageRows {
  readonly #rows: readonly Float64Array[];

  constructor(memory: SharedArrayBuffer, layout: { readonly rows: number }) {
    this.#rows = Array.from(
      { length: layout.rows },
      (_, row) => new Float64Array(memory, 8 * rowLength * row, rowLength),
    );
  }

  /** By the token's row id. */
  read(): ReadonlyMap<number, TokenUsage> {
    const slots = new Map<number, Float64Array[]>();
    for (const row of this.#rows) {
      for (let slot = 0; slot < rowLength && row[slot] !== 0; slot += slotLength) {
        const tokenRowId = row[slot] as number;
        const known = slots.get(tokenRowId);
        const counts = row.subarray(slot, slot + slotLength);
        if (known === undefined) slots.set(tokenRowId, [counts]);
        else known.push(counts);
      }
    }
    return new Map([...slots].map(([rowId, parts]) => [rowId, sumOf(rowId, parts)]));
  }
}

function sumOf(tokenRowId: number, parts: readonly Float64Array[]): TokenUsage {
  const at = (place: number) => parts.reduce((sum, part) => sum + (part[place] ?? 0), 0);
  const list = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, place) => at(from + place));
  return {
    tokenRowId,
    organizationId: parts[0]?.[organizationPlace] ?? 0,
    units: at(unitsPlace),
    otherCalls: at(otherPlace),
    statuses: list(statusesPlace, latenciesPlace),
    latencies: list(latenciesPlace, slotLength),
  };
}
