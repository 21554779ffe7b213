/** Collects which tokens were used; the supervisor writes them, because a look-up never writes. */
import type { TokenUse } from '../catalog/catalog.ts';
import type { Token } from '../domain/token/token.ts';

const minuteMs = 60_000;

export class TokenUses {
  /** The minute of each token's last use, by the token's row id. */
  readonly #minutes = new Map<number, number>();
  #changed = new Set<number>();

  /** Runs at each request. After a token's first use in a minute it only compares two numbers. */
  note(token: Token, nowMs: number): void {
    const minute = Math.floor(nowMs / minuteMs);
    if (this.#minutes.get(token.rowId) === minute) return;
    this.#minutes.set(token.rowId, minute);
    this.#changed.add(token.rowId);
  }

  /** The uses since the last call. */
  take(): TokenUse[] {
    const uses = [...this.#changed].map((rowId) => ({
      rowId,
      atMs: (this.#minutes.get(rowId) ?? 0) * minuteMs,
    }));
    this.#changed = new Set();
    return uses;
  }
}
