/** Collects from where tokens are called. The supervisor stores it with the other counts. */
import type { UsageClient } from '../domain/usage-record.ts';

/**
 * Clients of tokens that a thread notes between two `take`: 2,000 x 300 bytes are 600 kB. Calls of
 * others are counted without their address.
 */
const maxNotedClients = 2_000;

/** Characters of a user agent that are kept. Libraries name themselves in the first 50. */
const maxUserAgentLength = 120;

/** The calls of one token from one address with one user agent, since the last `take`. */
export interface NotedClient {
  calls: number;
  /** How often `take` was called before. Later calls count anew. */
  readonly round: number;
}

export interface TokenClient extends UsageClient {
  readonly tokenRowId: number;
  readonly organizationId: number;
}

/** What a client says of itself. A connection keeps it together with its `Authorization` header. */
export interface ClientProof {
  readonly token: { readonly rowId: number; readonly organizationId: number } | undefined;
  client: NotedClient | undefined;
}

export class UsageClients {
  #round = 0;
  readonly #noted = new Map<
    string,
    { readonly client: TokenClient; readonly noted: NotedClient }
  >();

  /** After the first call of a connection in a round, this only adds to a number. */
  note(proof: ClientProof, address: string, userAgent: string): void {
    const known = proof.client;
    if (known !== undefined && known.round === this.#round) {
      known.calls += 1;
      return;
    }
    const { token } = proof;
    if (token === undefined) return;
    proof.client = this.#find(token, address, userAgent);
    if (proof.client !== undefined) proof.client.calls += 1;
  }

  /** The calls since the last time. */
  take(): TokenClient[] {
    const taken = [...this.#noted.values()].map(({ client, noted }) => {
      return { ...client, calls: noted.calls };
    });
    this.#noted.clear();
    this.#round += 1;
    return taken;
  }

  /** `undefined`: too many others were noted in this round, so this one is not. */
  #find(
    token: NonNullable<ClientProof['token']>,
    address: string,
    userAgent: string,
  ): NotedClient | undefined {
    const shown = userAgent.slice(0, maxUserAgentLength).replace(/[^\x20-\x7e]/g, '?');
    const key = `${token.rowId} ${address} ${shown}`;
    const known = this.#noted.get(key);
    if (known !== undefined) return known.noted;
    if (this.#noted.size >= maxNotedClients) return undefined;
    const { rowId: tokenRowId, organizationId } = token;
    const client = { tokenRowId, organizationId, address, userAgent: shown, calls: 0 };
    const noted = { calls: 0, round: this.#round };
    this.#noted.set(key, { client, noted });
    return noted;
  }
}
