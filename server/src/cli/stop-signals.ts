/**
 * The signals that ask a process to stop, from the first line of the program on. A command that
 * reads `stopping` promises to end in good order; any other is ended at once, and so is one that is
 * asked twice or takes too long.
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

  /** Aborted by the first signal. Whoever reads it ends in good order when it is. */
  get stopping(): AbortSignal {
    this.#isPromised = true;
    return this.#stop.signal;
  }

  /** The same for a server, which has what it was asked to answer. */
  get draining(): AbortSignal {
    this.#boundMs = stopBoundMs.server;
    return this.stopping;
  }

  #hear(signal: StopSignal): void {
    const nowMs = performance.now();
    if (!this.#isPromised) endNow(signal);
    if (this.#askedMs === undefined) {
      this.#askedMs = nowMs;
      // Nothing that hangs may keep the process; when all has ended, this does not either.
      setTimeout(() => endNow(signal), this.#boundMs).unref();
      this.#stop.abort();
    } else if (nowMs - this.#askedMs > signalEchoMs) {
      endNow(signal);
    }
  }
}

/**
 * Ends by the signal itself. `process.exit` would wait for the engine's statements, which may take
 * minutes; the exit code is its last resort, where the system shields the process from its own
 * signals, as it does the first one of a container.
 */
function endNow(signal: StopSignal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(128 + signalNumbers[signal]);
}
