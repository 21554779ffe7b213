/**
 * The one place that bypasses node:http. Plain look-ups are answered straight from the socket
 * (`plain-door.ts`), because node:http alone costs more than everything a look-up does. The first
 * bytes that are not a plain look-up go to node:http, and so does everything after them
 * (`node-door.ts`). `bench:lookup` measures the whole of it beside other servers.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { LookupContext } from '../lookup/answer-lookup.ts';
import { NodeDoor } from './node-door.ts';
import { OpenConnections } from './open-connections.ts';
import { PlainDoor, type PlainDoors } from './plain-door.ts';
import { ThreadTurns } from './thread-turns.ts';

export interface FastLaneOptions {
  readonly context: LookupContext;
  /** Gives what stands for a connection to node:http, by its `connection` event. */
  readonly handOver: (socket: Duplex) => void;
  /** The address to believe, from the peer's and `X-Forwarded-For`. */
  readonly clientAddress: (peer: string, forwardedFor: string | undefined) => string;
  /** The caller's own id if it is sane, else a new one. */
  readonly requestId: (own: string | undefined) => string;
  readonly onAnswer: (status: number, startedMs: number) => void;
  /**
   * Told of what went wrong with a look-up, or, with no id, in a connection, which is closed. Never
   * throws.
   */
  readonly onError: (error: unknown, requestId: string) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
}

export interface FastLane {
  /**
   * For the server's `connection` event (`secureConnection` with TLS); its `pauseOnConnect` must be
   * set.
   */
  accept(socket: Socket): void;
  /** From now on each answer closes its connection. */
  drain(): void;
  /** Waits a moment for connections that were opened just now, then closes what is left. */
  close(): Promise<void>;
}

export function openFastLane(options: FastLaneOptions): FastLane {
  const { clock } = options;
  const turns = new ThreadTurns(clock);
  let isDraining = false;
  let date = dateText();
  const doors: PlainDoors = {
    ...options,
    isDraining: () => isDraining,
    date: () => date,
    handOver: (connection) =>
      connection.useDoor(new NodeDoor({ turns, handOver: options.handOver }, connection)),
  };
  const connections = new OpenConnections({
    turns,
    clock,
    onFailure: (error) => options.onError(error, ''),
    openDoor: (connection) => new PlainDoor(doors, connection),
    onSecond: () => {
      date = dateText();
    },
  });
  return {
    accept: (accepted) => connections.accept(accepted),
    drain: () => {
      isDraining = true;
    },
    close: () => connections.close(),
  };
}

/** The `Date` header's value. */
function dateText(): string {
  return new Date().toUTCString();
}
