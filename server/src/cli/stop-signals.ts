/**
 * Handles the signals that stop the process. A command that reads `stopping` promises to end in
 * good order. The process ends at once after a second signal, or if the command takes too long to
 * end.
 */
import { signalEchoMs, stopBoundMs } from './limits.ts';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type StopSignal = (typeof stopSignals)[number];

const signalNumbers: Readonly<Record<StopSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

export class StopSignals {
  readonly #stop = new AbortController();
  #isPromised = false;
  #boundMs: number = stopBoundMs.command;
  #askedMs: number | undefined;

  constructor() {
    for (const signal of stopSignals) process.on(signal, () => this.#hear(signal));
  }

  /** Aborted by the first signal. A command that reads it must then end in good order. */
  get stopping(): AbortSignal {
    this.#isPromised = true;
    return this.#stop.signal;
  }

  /** The same for a server, which gets more time, to answer open requests. */
  get draining(): AbortSignal {
    this.#boundMs = stopBoundMs.server;
    return this.stopping;
  }

  #hear(signal: StopSignal): void {
    const nowMs = performance.now();
    if (!this.#isPromised) endNow(signal);
    if (this.#askedMs === undefined) {
      this.#askedMs = nowMs;
      // Ends a process that hangs. The timer does not keep a process alive that has nothing left to
      // do.
      setTimeout(() => endNow(signal), this.#boundMs).unref();
      this.#stop.abort();
    } else if (nowMs - this.#askedMs > signalEchoMs) {
      endNow(signal);
    }
  }
}

/**
 * Ends the process by sending it the signal: `process.exit` would wait minutes for the engine's
 * statements. `process.exit` is reached only where the system ignores a signal that the process
 * sends to itself, as for the first process of a container.
 */
function endNow(signal: StopSignal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(128 + signalNumbers[signal]);
}
