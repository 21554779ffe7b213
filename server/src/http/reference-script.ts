/**
 * The script of the reference page, out of the npm package that brings it. The package hands it out through a Fastify plugin
 * only, and holds it as 5 MB of text; so a process of its own loads it, once, and gives the compressed bytes away.
 */
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface ReferenceScript {
  /** Compressed by gzip. */
  readonly scriptBytes: Buffer;
  readonly scriptTag: string;
}

/** Loading takes under a second. */
const loadMs = 20_000;
/** Compressed it is 1.4 MB. */
const maxScriptBytes = 16_777_216;

let loading: Promise<ReferenceScript> | undefined;

export function referenceScript(): Promise<ReferenceScript> {
  loading ??= loadScript().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function loadScript(): Promise<ReferenceScript> {
  const loader = fileURLToPath(new URL('./reference-script-loader.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [loader], {
    encoding: 'buffer',
    timeout: loadMs,
    maxBuffer: maxScriptBytes,
    env: {},
  });
  const scriptTag = `"${hash('sha256', stdout, 'base64url').slice(0, 22)}"`;
  return { scriptBytes: stdout, scriptTag };
}
