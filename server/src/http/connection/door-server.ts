/** A server that passes all connections to node:http, with the bounds of the plain door. */
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { AnswerArena } from '../../lookup/answer-arena.ts';
import { NodeDoor } from './node-door.ts';
import { OpenConnections } from './open-connections.ts';
import { ThreadTurns } from './thread-turns.ts';

export class DoorServer extends Server {
  readonly #connections: OpenConnections;
  readonly #httpServer: HttpServer;

  /** @param httpServer from `createNodeServer` */
  constructor(httpServer: HttpServer, onFailure: (error: unknown) => void) {
    super({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true });
    const clock = () => performance.now();
    const turns = new ThreadTurns(clock);
    const handOver = (socket: object) => httpServer.emit('connection', socket);
    this.#httpServer = httpServer;
    this.#connections = new OpenConnections({
      turns,
      arena: new AnswerArena(),
      clock,
      onFailure,
      openDoor: (connection) => new NodeDoor({ turns, handOver }, connection),
    });
    this.on('connection', (socket) => this.#connections.accept(socket));
  }

  override close(onClosed?: (error?: Error) => void): this {
    this.#connections.closeIdle();
    this.#httpServer.close();
    return super.close(onClosed);
  }

  /** Closes all connections at once. */
  closeAllConnections(): void {
    this.#connections.destroyAll();
  }
}
