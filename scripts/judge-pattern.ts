/**
 * Decides whether a regular expression is linear: whether the work of matching grows no faster than
 * the text. recheck proves it with automata. For patterns with look-arounds or back-references
 * recheck only searches for a slow text, so there scslre must not find one either.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Recheck {
  checkSync(
    source: string,
    flags: string,
    parameters: { readonly timeout: number },
  ): {
    readonly status: 'safe' | 'vulnerable' | 'unknown';
    readonly checker?: string;
    readonly complexity?: { readonly summary: string };
    readonly attack?: { readonly pattern: string };
    readonly error?: { readonly kind: string };
  };
}

interface Scslre {
  analyse(literal: { readonly source: string; readonly flags: string }): {
    readonly reports: readonly {
      readonly type: string;
      readonly exponential: boolean;
      readonly character: { readonly literal: { readonly source: string } };
    }[];
  };
}

/** A pattern takes up to 2 s on an idle machine. The gates also run on busy ones. */
const timeoutMs = 120_000;

/**
 * Where recheck proves nothing, it measures how long a text takes. On a busy machine a linear
 * pattern can seem slow, but not each time.
 */
const attempts = 3;

/**
 * Verdicts are cached beside the tools, because judging all patterns again takes ten seconds.
 * Installing newer tools removes them, because `npm ci` clears their `node_modules`.
 */
export class PatternJudge {
  readonly #recheck: Recheck;
  readonly #scslre: Scslre;
  readonly #file: string;
  readonly #known: Map<string, string>;

  /** @param toolsFolder where the two programs are installed */
  constructor(toolsFolder: string) {
    const require = createRequire(join(toolsFolder, 'package.json'));
    this.#recheck = require('recheck') as Recheck;
    this.#scslre = require('scslre') as Scslre;
    this.#file = join(toolsFolder, 'node_modules/.cache/verdicts.json');
    this.#known = readVerdicts(this.#file);
  }

  /** The fault of the pattern in words. '' if it is linear. */
  judge(source: string, flags: string): string {
    const key = `/${source}/${flags}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let fault = '';
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      fault = this.#examine(source, flags);
      if (fault === '') break;
    }
    // A fault is not kept: the next run judges again.
    if (fault === '') this.#known.set(key, fault);
    return fault;
  }

  /** Saves the verdicts for the next run. */
  keep(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify([...this.#known]));
  }

  #examine(source: string, flags: string): string {
    const checked = this.#recheck.checkSync(source, flags, { timeout: timeoutMs });
    if (checked.status === 'vulnerable') {
      return `${checked.complexity?.summary ?? 'not linear'}: try ${checked.attack?.pattern}`;
    }
    if (checked.status === 'unknown') return `could not be judged (${checked.error?.kind})`;
    if (checked.checker === 'automaton') return '';
    const [report] = this.#scslre.analyse({ source, flags }).reports;
    if (report === undefined) return '';
    const degree = report.exponential ? 'exponential' : 'polynomial';
    return `${degree} (${report.type}): try many of /${report.character.literal.source}/`;
  }
}

function readVerdicts(file: string): Map<string, string> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, string][]);
  } catch {
    // The file does not exist before the first run, and a half-written one is ignored.
    return new Map();
  }
}
