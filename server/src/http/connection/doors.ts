/**
 * Answers plain look-ups from the socket (`plain-door.ts`), because node:http costs more than the
 * look-up itself. A connection's first other request, and all after it, go to node:http
 * (`node-door.ts`).
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AnswerArena } from '../../lookup/answer-arena.ts';
import { type FixedText, fixedText } from '../head-pieces.ts';
import type { CoreSharing } from './core-sharing.ts';
import { NodeDoor } from './node-door.ts';
import { OpenConnections } from './open-connections.ts';
import { PlainDoor, type PlainDoors } from './plain-door.ts';
import { ThreadTurns } from './thread-turns.ts';

export interface DoorsOptions
  extends Omit<PlainDoors, 'isDraining' | 'date' | 'handOver' | 'arena' | 'afterShared'> {
  /** Missing: the thread has a core of its own. */
  readonly coreSharing?: CoreSharing | undefined;
  /** Passes a connection to node:http through its `connection` event. */
  readonly handOver: (socket: Duplex) => void;
}

export interface Doors {
  /** For the `connection` (TLS: `secureConnection`) event of a server with `pauseOnConnect`. */
  accept(socket: Socket): void;
  /** From now on an answer closes its connection, if nothing waits behind the request. */
  drain(): void;
  /** Gives new connections a moment to send their request, then closes all. */
  close(): Promise<void>;
}

export function openDoors(options: DoorsOptions): Doors {
  const { clock } = options;
  const { turnReader } = options.context;
  const arena = new AnswerArena();
  const turns = new ThreadTurns(clock, () => {
    turnReader?.endTurn();
    arena.endTurn();
    options.coreSharing?.endTurn();
  });
  let isDraining = false;
  let date = dateNow();
  const doors: PlainDoors = {
    ...options,
    isDraining: () => isDraining,
    date: () => date,
    arena,
    afterShared: () => {
      if (connections.size >= maxSharingConnections) turnReader?.endTurn();
    },
    handOver: (connection) =>
      connection.useDoor(new NodeDoor({ turns, handOver: options.handOver }, connection)),
  };
  const connections = new OpenConnections({
    turns,
    arena,
    clock,
    onFailure: (error) => options.onError(error, ''),
    openDoor: (connection) => new PlainDoor(doors, connection),
    onSecond: () => {
      date = dateNow();
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

/**
 * With more connections in a thread, each look-up sees a moment of its own. Node.js (libuv) asks
 * the system for at most 1,024 sockets that can be read; if there were more, it asks again within
 * the turn. A request that was sent after somebody's write was acknowledged could then be answered
 * as of a moment before.
 */
const maxSharingConnections = 900;

/** The `Date` header's value. */
function dateNow(): FixedText {
  return fixedText(new Date().toUTCString());
}
