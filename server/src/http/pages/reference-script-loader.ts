/**
 * Run as a process: writes the reference page's script to standard output, compressed. The npm
 * package has it in a Fastify plugin, so this stands in for Fastify and calls the plugin's route.
 */
import { gzipSync } from 'node:zlib';
import apiReference from '@scalar/fastify-api-reference';

interface PluginRoute {
  readonly url: string;
  readonly handler: (request: object, reply: object) => void;
}

const routes = new Map<string, PluginRoute['handler']>();
const standIn = {
  hasPlugin: () => false,
  route: ({ url, handler }: PluginRoute) => routes.set(url, handler),
};
const plugin = apiReference as unknown as (
  server: object,
  options: object,
  done: () => void,
) => void;
plugin(standIn, { routePrefix: '/', configuration: { url: '/openapi.json' } }, () => undefined);

const answer = routes.get('/js/scalar.js');
if (answer === undefined) throw new Error('the package registered no script');
const reply = {
  header: () => reply,
  send: (script: string) => process.stdout.write(gzipSync(script)),
};
answer({}, reply);
