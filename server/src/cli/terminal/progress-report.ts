/**
 * Shows the progress of a command on stderr: a bar on a terminal, otherwise a line every 10 s.
 * Shows nothing in the first second. While a step reports nothing new, its last report is shown
 * again with the time, so that people see that the command is alive.
 */
import cliProgress from 'cli-progress';
import { terminalText } from '../../domain/terminal-text.ts';
import type { CommandIo } from '../command-io.ts';
import { rawStream } from './clean-io.ts';

export interface ProgressStep {
  /** Such as `reading`, `comparing` or `applying`. */
  readonly phase: string;
  /** 0 if the step cannot tell; then the time that the step has taken is shown. */
  readonly done: number;
  /** 0 if not known, as for the rows of a query. */
  readonly total: number;
  readonly unit: 'bytes' | 'rows' | 'joins' | 'contacts';
}

const firstAfterMs = 1_000;
const lineEveryMs = 10_000;
const retoldEveryMs = 1_000;

export class ProgressReport {
  readonly #io: Pick<CommandIo, 'stderr' | 'clock'>;
  readonly #isQuiet: boolean;
  readonly #startedMs: number;
  #phase = '';
  #phaseStartedMs = 0;
  #lineAtMs: number;
  #bar: cliProgress.SingleBar | undefined;
  #retelling: NodeJS.Timeout | undefined;

  constructor(io: Pick<CommandIo, 'stderr' | 'clock'>, isQuiet: boolean) {
    this.#io = io;
    this.#isQuiet = isQuiet;
    this.#startedMs = io.clock();
    this.#lineAtMs = this.#startedMs + lineEveryMs;
  }

  update(step: ProgressStep): void {
    const nowMs = this.#io.clock();
    if (step.phase !== this.#phase) this.#begin(step.phase, nowMs);
    clearInterval(this.#retelling);
    this.#retelling = setInterval(() => this.#tell(step), retoldEveryMs).unref();
    this.#tell(step);
  }

  #tell(step: ProgressStep): void {
    const nowMs = this.#io.clock();
    if (this.#isQuiet || nowMs - this.#startedMs < firstAfterMs) return;
    if (this.#io.stderr.isTTY === true) this.#draw(step, nowMs);
    else if (nowMs >= this.#lineAtMs) this.#line(step, nowMs);
  }

  /** Removes the bar. Call it before anything else is written. */
  end(): void {
    clearInterval(this.#retelling);
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #begin(phase: string, nowMs: number): void {
    this.end();
    this.#phase = phase;
    this.#phaseStartedMs = nowMs;
  }

  #draw(step: ProgressStep, nowMs: number): void {
    const words = `${amountOfTotal(step)}, ${this.#time(step, nowMs)}`;
    this.#bar ??= this.#makeBar(step, words);
    this.#bar.setTotal(step.total);
    this.#bar.update(step.done, { words });
  }

  #makeBar(step: ProgressStep, words: string): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar({
      format: `${terminalText(step.phase)} ${isKnown(step) ? '[{bar}] {percentage}%  ' : ''}{words}`,
      stream: rawStream(this.#io.stderr),
      barsize: 24,
      clearOnComplete: true,
      hideCursor: true,
    });
    bar.start(step.total, step.done, { words });
    return bar;
  }

  #line(step: ProgressStep, nowMs: number): void {
    this.#lineAtMs = nowMs + lineEveryMs;
    const share = Math.min(100, Math.floor((step.done * 100) / Math.max(1, step.total)));
    const percent = isKnown(step) && step.done > 0 ? `${share}%, ` : '';
    this.#io.stderr.write(
      `${step.phase}: ${percent}${amount(step.done === 0 ? step.total : step.done, step.unit)}, ${this.#time(step, nowMs)}\n`,
    );
  }

  /** The speed and the time left, or how long the step has taken. */
  #time(step: ProgressStep, nowMs: number): string {
    const seconds = Math.max(0.001, (nowMs - this.#phaseStartedMs) / 1_000);
    if (step.done === 0) return `${Math.round(seconds)} s`;
    const perSecond = step.done / seconds;
    const speed = `${amount(Math.round(perSecond), step.unit)}/s`;
    if (!isKnown(step)) return speed;
    const left = perSecond > 0 ? Math.ceil((step.total - step.done) / perSecond) : 0;
    return `${speed}, ${Math.max(0, left)} s left`;
  }
}

function isKnown({ total }: ProgressStep): boolean {
  return total > 0;
}

function amountOfTotal(step: ProgressStep): string {
  const { done, total, unit } = step;
  if (!isKnown(step)) return amount(done, unit);
  if (done === 0) return amount(total, unit);
  if (unit === 'bytes') return `${amount(done, unit)} of ${amount(total, unit)}`;
  return `${done.toLocaleString('en-US')} of ${amount(total, unit)}`;
}

function amount(number: number, unit: ProgressStep['unit']): string {
  if (unit === 'bytes') return `${(number / 1_000_000).toFixed(number < 10_000_000 ? 1 : 0)} MB`;
  return `${number.toLocaleString('en-US')} ${unit}`;
}
