/** Starts `usher demo` as a user would, in its own data folder and on a free port, and stops it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnUsher, waitFor } from './run-usher.ts';

export interface Demo {
  readonly url: string;
  readonly token: string;
  /** Opens the console signed in, once. */
  readonly link: string;
  readonly dataFolder: string;
  /** The command that the demo prints as the second thing to try. */
  readonly explain: string;
  readonly stop: () => Promise<void>;
}

/** Creating the data and starting take about 3 s. A busy machine may need ten times as long. */
const startMs = 30_000;

/** Resolves when `/readyz` answers 200. */
export async function startDemo(): Promise<Demo> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'usher-demo-'));
  const child = spawnUsher(dataFolder, ['demo', '--port', '0', '--workers', '1']);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(dataFolder, { recursive: true, force: true });
  };
  const shown = (pattern: RegExp) =>
    waitFor(() => {
      assert.equal(child.exitCode, null, `usher demo ended; it printed:\n${printed}`);
      return pattern.exec(printed)?.[0];
    }, startMs);
  try {
    const url = await shown(/http:\/\/127\.0\.0\.1:\d+/);
    const token = await shown(/ush_\w{12}_\w{49}/);
    const link = await shown(/http:\S+\/console\/link#\w{43}/);
    const explain = await shown(/npx usher explain [^\n]+/);
    await waitFor(() => isReady(url), startMs);
    return { url, token, link, explain, dataFolder, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function isReady(url: string): Promise<true | undefined> {
  const status = await fetch(`${url}/readyz`).then(
    (response) => response.status,
    () => 0,
  );
  return status === 200 ? true : undefined;
}
