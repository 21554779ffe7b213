/**
 * Checks the rules for a single file: its name, its length, its first words, and words that it must
 * not contain.
 */
import { basename } from 'node:path';
import {
  bannedNameParts,
  bannedNames,
  fileWriters,
  impureWords,
  maxFileLines,
  terminalWriters,
} from './house-rules.ts';
import type { Module } from './read-house.ts';

/** What is wrong with a module's name and text, in words. */
export function checkText(module: Module, isEntry: boolean): string[] {
  return [
    ...checkNames(module.path),
    ...checkForm(module),
    ...checkWords(module),
    ...(isEntry ? [] : checkStillness(module)),
  ];
}

function checkNames(path: string): string[] {
  return path.split('/').flatMap((part) => {
    const stem = part.replace(/(?:\.test|\.d)?\.(?:ts|tsx|js|mjs)$/, '');
    const wrong = [];
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(stem)) wrong.push(`"${part}" is not kebab-case`);
    const banned = bannedNames.has(stem) || stem.split('-').some((it) => bannedNameParts.has(it));
    if (banned) wrong.push(`"${part}" is a banned name`);
    return wrong;
  });
}

function checkForm({ path, text, code }: Module): string[] {
  const lines = text.trimEnd().split('\n').length;
  const wrong = [];
  if (lines > maxFileLines) wrong.push(`has ${lines} lines, more than ${maxFileLines}`);
  if (!/^(?:#!.*\n)?\s*(?:\/\*|\/\/)/.test(text)) wrong.push('does not open with a comment');
  if (/(?<![\w$.])export\s+default\b/.test(code)) wrong.push('has a default export');
  if (/(?<![\w$.])export\s+(?:type\s+)?\*/.test(code)) wrong.push('exports a whole module on');
  if (isBarrel(code)) wrong.push(`is a barrel: ${basename(path)} only exports other files on`);
  return wrong;
}

function isBarrel(code: string): boolean {
  const statements = code.split(';').map((statement) => statement.trim());
  const said = statements.filter((statement) => statement !== '');
  return said.length > 0 && said.every((it) => /^export\b[^=(]*\bfrom\s*["']/s.test(it));
}

const sleeps =
  /(?<![\w$.])(?:await\s+)?(?:setTimeout|sleep|delay)\s*\(\s*\d|=>\s*\{?\s*(?:void\s+)?setTimeout\s*\(\s*\w+\s*,/;

function mayWrite(path: string): boolean {
  return fileWriters.some((writer) => path.startsWith(writer));
}

const rawOutput = /\bprocess\s*\.\s*(?:stdout|stderr)\b|\bconsole\s*\.|\brawStream\s*\(/;

function checkWords({ path, room, text, code, edges }: Module): string[] {
  const wrong = [];
  if (/\b(?:TODO|FIXME|XXX)\b/.test(text) && !path.startsWith('server/test/architecture')) {
    wrong.push('leaves a note of work to do (TODO)');
  }
  const inProduct = /^(?:server\/src|client|console\/src|contract\/src)\//.test(path);
  if (inProduct && room !== 'settings' && /\bprocess\s*\.\s*env\b/.test(code)) {
    wrong.push('reads process.env, which only settings may');
  }
  const opensToWrite = /\bopen(?:Sync)?\([^;]{0,200}?,\s*'(?:w|wx|a|ax|r\+|w\+|a\+)'/.test(text);
  if (path.startsWith('server/src/') && opensToWrite && !mayWrite(path)) {
    wrong.push('opens a file to write it, of which a kill leaves half: use stores/durable-file.ts');
  }
  if (/\bimport\s*\(\s*[^\s"'`]/.test(code) && inProduct) wrong.push('imports a computed name');
  if (path.startsWith('server/src/') && !terminalWriters.has(path) && rawOutput.test(code)) {
    wrong.push('writes past `cli/terminal/clean-io.ts`, which cleans what a terminal shows');
  }
  if (path.endsWith('.test.ts')) {
    const timers = edges.some((edge) => edge.target === 'node:timers/promises');
    if (timers || sleeps.test(code)) wrong.push('sleeps; a test waits for a condition, bounded');
    if (/\.getByText\([^;]*?\)\s*\.first\(\)/.test(code)) {
      wrong.push('may find words that nobody sees: use browser/first-shown.ts');
    }
  }
  if (room === 'domain') {
    const impure = impureWords.filter(([pattern]) => pattern.test(code));
    wrong.push(...impure.map(([, words]) => `is in domain and ${words}`));
  }
  return wrong;
}

/**
 * Nothing runs on import: no call and no wait at the outermost level. Entries, tests and scripts
 * are there to run.
 */
function checkStillness({ path, code }: Module): string[] {
  if (!/^(?:server|client|contract)\/src\//.test(path)) return [];
  const call = /^(?:(?:void\s+)?[a-z][\w$]*(?:\.[\w$]+)*\s*\(|await\b|if\s*\(|for\s*\()/im;
  const running = call.exec(code);
  return running === null ? [] : [`runs on import: ${running[0].trim()}`];
}
