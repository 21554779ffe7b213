/** The reference page's script. A separate process loads it, because the package takes 5 MB. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type KeptBytes, keepBytes } from './page-answer.ts';

/** The time limit for loading, which takes under a second. */
const loadMs = 20_000;
/** The limit for the compressed script, which has 1.4 MB. */
const maxScriptBytes = 16_777_216;

let loading: Promise<KeptBytes> | undefined;

/** Compressed by gzip. */
export function referenceScript(): Promise<KeptBytes> {
  loading ??= loadScript().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function loadScript(): Promise<KeptBytes> {
  const loader = fileURLToPath(new URL('./reference-script-loader.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [loader], {
    encoding: 'buffer',
    timeout: loadMs,
    maxBuffer: maxScriptBytes,
    env: {},
  });
  return keepBytes(stdout);
}
