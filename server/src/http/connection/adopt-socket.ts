/**
 * Replaces an accepted socket with one that reads into a buffer shared by the thread. node:net
 * allocates 64 kB per read, a good part of the cost of a small request. Node documents `onread` for
 * client sockets only; `ServerSocket` names what this uses beyond that.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';

/** An undocumented member of node's sockets. Setting it to null releases the handle to us. */
interface ServerSocket {
  _handle: object | null;
}

/** The types do not allow the handle of an accepted socket. */
interface HandleOptions extends Omit<SocketConstructorOpts, 'handle'> {
  readonly handle: object;
}

/** Larger than any head. A longer piece arrives in several reads. */
const receiveBytes = 65_536;
const received = Buffer.allocUnsafeSlow(receiveBytes);
const receivedView = new DataView(received.buffer);

/** Received bytes, valid only during the call that they are passed to. */
export interface Received {
  readonly bytes: Buffer;
  /** A view of all of `bytes`. */
  readonly view: DataView;
  /** Only the first `length` bytes were received. */
  readonly length: number;
}

/** Lent at each read, and used again. */
const piece = { bytes: received, view: receivedView, length: 0 };

/**
 * The new socket, or `undefined` if the connection is already gone.
 * @param accepted from a server with `pauseOnConnect`, so that nothing was read yet
 */
export function adoptSocket(
  accepted: Socket,
  onReceived: (received: Received) => void,
): Socket | undefined {
  const owner = accepted as unknown as ServerSocket;
  const handle = owner._handle;
  if (handle === null) return undefined;
  owner._handle = null;
  const options: HandleOptions = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: received,
      callback: (length) => {
        piece.length = length;
        onReceived(piece);
        return true;
      },
    },
  };
  const socket = new Socket(options as SocketConstructorOpts);
  // The server counts connections by the sockets it accepted.
  socket.on('close', () => accepted.destroy());
  socket.resume();
  return socket;
}
