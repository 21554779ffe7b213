/**
 * Runs the commands of a page in order and unchanged, and compares their output with the output
 * that the page shows.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { readPage, root } from '../docs/pages.ts';
import { freePort, program } from './run-usher.ts';

interface Step {
  /** For a shell, or a query for DuckDB. */
  readonly kind: 'sh' | 'sql';
  readonly commands: string;
  /** Lines that the output must contain. If empty, the commands must only succeed. */
  readonly output: string;
}

/**
 * Servers that the page starts listen on a free port, not on 8080.
 * @param folder a folder of the test, in which the first step of the page copies an example to
 *   `my-shop`
 * @param options `copied` is called after the copy, to add files that the example needs
 */
export async function runPage(
  page: string,
  folder: string,
  options: { readonly environment?: NodeJS.ProcessEnv; readonly copied?: () => void } = {},
): Promise<void> {
  const port = String(await freePort());
  const environment = { ...makeEnvironment(folder), USHER_PORT: port, ...options.environment };
  const [copy, ...steps] = stepsOf(
    readPage(page).replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`),
  );
  assert.ok(copy !== undefined && steps.length > 5);
  await run(copy.commands.replaceAll('my-shop', join(folder, 'my-shop')), root, environment);
  options.copied?.();
  for (const { kind, commands, output } of steps) {
    const place = join(folder, 'my-shop');
    const printed = await (kind === 'sql'
      ? query(commands, place)
      : run(commands, place, environment));
    assert.ok(printed.includes(output.trim()), `${commands}\nprinted\n${printed}\nnot\n${output}`);
  }
}

/** The blocks of commands and queries, each with the output block that follows it. */
function stepsOf(page: string): Step[] {
  const blocks = [...page.matchAll(/```(sh|sql|text)\n([\s\S]*?)```/g)];
  return blocks.flatMap(([, kind, text = ''], place) => {
    const next = blocks[place + 1];
    const output = next?.[1] === 'text' ? (next[2] ?? '') : '';
    // A query without an output is for another database.
    const isRun = kind === 'sh' || (kind === 'sql' && output !== '');
    return isRun ? [{ kind, commands: text, output }] : [];
  });
}

/** The rows of the answer, each in one line. */
async function query(sql: string, folder: string): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:', { file_search_path: folder });
  const connection = await instance.connect();
  try {
    const rows = (await connection.runAndReadAll(sql)).getRows();
    return rows.map((row) => row.join(' ')).join('\n');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
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
 * Standard output and standard error of the commands. A run or a change that waits for approval
 * exits with 1, which is expected.
 */
function run(commands: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', commands], { cwd, env }, (error, stdout, stderr) => {
      const isStopped =
        stdout.includes('waits for approval') || stderr.includes('send the same change again');
      if (error !== null && !isStopped) reject(new Error(`${commands}\n${stdout}\n${stderr}`));
      else resolve(`${stdout}\n${stderr}`);
    });
  });
}
