/**
 * Serves the console with hot reload. A node has to run; its URL is the first argument.
 *
 *     npm run console
 *     npm run console -- http://127.0.0.1:9000
 */
import { createServer } from 'vite';
import { consoleConfig } from './console-config.ts';

const node = process.argv[2] ?? 'http://127.0.0.1:8080';
const server = await createServer(consoleConfig(node));
await server.listen();
console.log(`Calls of the console go to ${node}`);
server.printUrls();
server.bindCLIShortcuts({ print: true });
