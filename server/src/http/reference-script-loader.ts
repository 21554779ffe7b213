/** The thread that loads the reference page's script (`reference-script.ts`), sends it compressed to who started it, and ends. */
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import apiReference from '@scalar/fastify-api-reference';
import { fastify } from 'fastify';

const server = fastify();
await server.register(apiReference, { routePrefix: '/', configuration: { url: '/openapi.json' } });
const answer = await server.inject('/js/scalar.js');
if (answer.statusCode !== 200) throw new Error(`the package answered ${answer.statusCode}`);
parentPort?.postMessage(gzipSync(answer.rawPayload));
await server.close();
