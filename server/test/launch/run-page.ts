/**
 * Runs the commands of a page in order and unchanged, and compares their output with the output
 * that the page shows.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPage, root } from '../docs/pages.ts';
import { program } from './run-usher.ts';

interface Step {
  readonly commands: string;
  /** Lines that the output must contain. If empty, the commands must only succeed. */
  readonly output: string;
}

/**
 * @param folder a folder of the test, in which the first step of the page copies an example to
 *   `my-shop`
 * @param options `copied` is called after the copy, to add files that the example needs
 */
export async function runPage(
  page: string,
  folder: string,
  options: { readonly environment?: NodeJS.ProcessEnv; readonly copied?: () => void } = {},
): Promise<void> {
  const environment = { ...makeEnvironment(folder), ...options.environment };
  const [copy, ...steps] = stepsOf(readPage(page));
  assert.ok(copy !== undefined && steps.length > 5);
  await run(copy.commands.replaceAll('my-shop', join(folder, 'my-shop')), root, environment);
  options.copied?.();
  for (const { commands, output } of steps) {
    const printed = await run(commands, join(folder, 'my-shop'), environment);
    assert.ok(printed.includes(output.trim()), `${commands}\nprinted\n${printed}\nnot\n${output}`);
  }
}

/** The blocks of commands, each with the output block that follows it. */
function stepsOf(page: string): Step[] {
  const blocks = [...page.matchAll(/```(sh|text)\n([\s\S]*?)```/g)];
  return blocks.flatMap(([, kind, text = ''], place) => {
    if (kind !== 'sh') return [];
    const next = blocks[place + 1];
    return [{ commands: text, output: next?.[1] === 'text' ? (next[2] ?? '') : '' }];
  });
}

/** Makes `npx usher` run the program of this source tree, in any folder. */
function makeEnvironment(folder: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh\nshift\nexec "${process.execPath}" "${program}" "$@"\n`;
  writeFileSync(join(bin, 'npx'), script, { mode: 0o755 });
  return {
    ...process.env,
    PATH: `${bin}:${process.env['PATH']}`,
    USHER_DATA: join(folder, 'my-shop/data'),
  };
}

/**
 * Standard output and standard error of the commands. A run that waits for approval exits with 1,
 * which is expected.
 */
function run(commands: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', commands], { cwd, env }, (error, stdout, stderr) => {
      const isStopped = stdout.includes('waits for approval');
      if (error !== null && !isStopped) reject(new Error(`${commands}\n${stdout}\n${stderr}`));
      else resolve(`${stdout}\n${stderr}`);
    });
  });
}
