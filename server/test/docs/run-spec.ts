/**
 * The parts of `sync/SPEC.md` that come from the code, and the invariants that it lists, with the
 * tests that check them.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type RunEvent,
  type RunPhase,
  runEffects,
  runEvents,
} from '../../src/catalog/run-states.ts';
import { readPage, root, tableRows } from './pages.ts';

export const specPath = 'server/src/sync/SPEC.md';

const begin = '<!-- states: npm run docs -->';
const end = '<!-- end of states -->';

/** The page with its table of states as the code has it. */
export function specPage(before: string): string {
  const phases = Object.keys(runEffects) as RunPhase[];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = (Object.keys(runEvents) as RunEvent[]).map((event) =>
    line([event, ...phases.map((phase) => cell(phase, event))]),
  );
  const meanings = Object.entries(runEvents).map(([event, means]) => line([event, means]));
  const table = [
    line(['event', ...phases]),
    line(['---', ...phases.map(() => '---')]),
    ...rows,
    '',
    line(['event', 'means']),
    '| --- | --- |',
    ...meanings,
  ].join('\n');
  const [head = ''] = before.split(begin);
  const tail = before.split(end)[1] ?? '';
  return `${head}${begin}\n\n${table}\n\n${end}${tail}`;
}

function cell(phase: RunPhase, event: RunEvent): string {
  const effect = runEffects[phase][event];
  if (effect === 'never') return '';
  return effect === 'stays' || effect === 'refused' ? effect : `**${effect}**`;
}

export interface Invariant {
  readonly name: string;
  /** From the root. */
  readonly file: string;
  readonly test: string;
}

export function readInvariants(): readonly Invariant[] {
  const [, section = ''] = readPage(specPath).split('## Invariants');
  return tableRows(section).map(([name = '', , place = '', test = '']) => ({
    name,
    file: `server/test/${place}`,
    test,
  }));
}

/** The invariants that tests say they hold, each as `file: name`. */
export function markedInvariants(): readonly string[] {
  const marks = /^ *\/\/ Holds the invariant (\w[\w-]*) of sync\/SPEC\.md\.$/gm;
  return globSync('server/test/**/*.ts', { cwd: root })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return [...text.matchAll(marks)].map((mark) => `${file}: ${mark[1] ?? ''}`);
    });
}
