/**
 * The script of the reference page, out of the npm package that brings it. The package hands it out through a Fastify plugin
 * only, and holds it as 5 MB of text; so a thread of its own loads it, once, and gives the compressed bytes away.
 */
import { hash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

export interface ReferenceScript {
  /** Compressed by gzip. */
  readonly scriptBytes: Buffer;
  readonly scriptTag: string;
}

let loading: Promise<ReferenceScript> | undefined;

export function referenceScript(): Promise<ReferenceScript> {
  loading ??= loadScript().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function loadScript(): Promise<ReferenceScript> {
  const worker = new Worker(new URL('./reference-script-loader.ts', import.meta.url));
  const bytes = await new Promise<Uint8Array>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the loader of the script ended without it')));
  });
  const scriptBytes = Buffer.from(bytes);
  return { scriptBytes, scriptTag: `"${hash('sha256', scriptBytes, 'base64url').slice(0, 22)}"` };
}
