/** Tells how far a long command is, on stderr: a bar on a terminal, else a line every 10 s. Nothing for what is done within a second. */
import cliProgress from 'cli-progress';
import type { CommandIo } from './command-io.ts';

export interface ProgressStep {
  /** What is being done: `reading`, `applying`. */
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'rows';
}

const firstAfterMs = 1_000;
const lineEveryMs = 10_000;

export class ProgressReport {
  readonly #io: Pick<CommandIo, 'stderr' | 'clock'>;
  readonly #isQuiet: boolean;
  readonly #startedMs: number;
  #phase = '';
  #phaseStartedMs = 0;
  #lineAtMs: number;
  #bar: cliProgress.SingleBar | undefined;

  constructor(io: Pick<CommandIo, 'stderr' | 'clock'>, isQuiet: boolean) {
    this.#io = io;
    this.#isQuiet = isQuiet;
    this.#startedMs = io.clock();
    this.#lineAtMs = this.#startedMs + lineEveryMs;
  }

  update(step: ProgressStep): void {
    const nowMs = this.#io.clock();
    if (step.phase !== this.#phase) this.#begin(step.phase, nowMs);
    if (this.#isQuiet || nowMs - this.#startedMs < firstAfterMs) return;
    if (this.#io.stderr.isTTY === true) this.#draw(step, nowMs);
    else if (nowMs >= this.#lineAtMs) this.#line(step, nowMs);
  }

  /** Leaves the line to what comes after. */
  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #begin(phase: string, nowMs: number): void {
    this.end();
    this.#phase = phase;
    this.#phaseStartedMs = nowMs;
  }

  #draw(step: ProgressStep, nowMs: number): void {
    this.#bar ??= this.#makeBar(step);
    this.#bar.setTotal(step.total);
    this.#bar.update(step.done, {
      words: `${amount(step.done, step.unit)} of ${amount(step.total, step.unit)}, ${this.#speed(step, nowMs)}`,
    });
  }

  #makeBar(step: ProgressStep): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar({
      format: `${step.phase} [{bar}] {percentage}%  {words}`,
      stream: this.#io.stderr,
      barsize: 24,
      clearOnComplete: true,
      hideCursor: true,
    });
    bar.start(step.total, step.done, { words: '' });
    return bar;
  }

  #line(step: ProgressStep, nowMs: number): void {
    this.#lineAtMs = nowMs + lineEveryMs;
    const share = Math.min(100, Math.floor((step.done * 100) / Math.max(1, step.total)));
    this.#io.stderr.write(
      `${step.phase}: ${share}%, ${amount(step.done, step.unit)}, ${this.#speed(step, nowMs)}\n`,
    );
  }

  #speed(step: ProgressStep, nowMs: number): string {
    const seconds = Math.max(0.001, (nowMs - this.#phaseStartedMs) / 1_000);
    const perSecond = step.done / seconds;
    const left = perSecond > 0 ? Math.ceil((step.total - step.done) / perSecond) : 0;
    return `${amount(Math.round(perSecond), step.unit)}/s, ${Math.max(0, left)} s left`;
  }
}

function amount(number: number, unit: ProgressStep['unit']): string {
  if (unit === 'bytes') return `${(number / 1_000_000).toFixed(number < 10_000_000 ? 1 : 0)} MB`;
  return `${number.toLocaleString('en-US')} rows`;
}
