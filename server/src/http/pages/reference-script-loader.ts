/**
 * The process that loads the reference page's script (`reference-script.ts`) and writes it,
 * compressed, to standard output.
 */
import { gzipSync } from 'node:zlib';
import apiReference from '@scalar/fastify-api-reference';
import { fastify } from 'fastify';

const server = fastify();
await server.register(apiReference, { routePrefix: '/', configuration: { url: '/openapi.json' } });
const answer = await server.inject('/js/scalar.js');
if (answer.statusCode !== 200) throw new Error(`the package answered ${answer.statusCode}`);
process.stdout.write(gzipSync(answer.rawPayload));
await server.close();
