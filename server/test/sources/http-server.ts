/** A web server on the loopback address for one test, and reading from it as a source. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { SourceDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { openNamedFile } from '../../src/sources/file/file-source.ts';
import { fetchHttpFile, type HttpSurroundings } from '../../src/sources/http/http-source.ts';
import { type OpenOptions, type ReadRows, readSource, sourceOptions } from './read-source.ts';

type HttpDefinition = Extract<SourceDefinition, { kind: 'http' }>;

export interface WebServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

export async function serveWeb(answer: RequestListener): Promise<WebServer> {
  const server = createServer(answer);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

export interface HttpReading extends Partial<Omit<HttpDefinition, 'kind' | 'url'>> {
  readonly options?: OpenOptions;
  readonly surroundings?: HttpSurroundings;
}

/** Allows the loopback address unless `options` says otherwise. Retries do not wait. */
export function readHttp(url: string, reading: HttpReading = {}): Promise<ReadRows> {
  const { options, surroundings, ...more } = reading;
  const definition: HttpDefinition = {
    kind: 'http',
    url,
    headers: [],
    format: null,
    pages: null,
    ...more,
  };
  return readSource(async (folder) => {
    const allowedAddresses = ['127.0.0.0/8'];
    const all = sourceOptions(folder, 'Bearer hush', { allowedAddresses, ...options });
    const file = await fetchHttpFile(definition, all, { retryMs: 1, ...surroundings });
    return openNamedFile(file, null);
  });
}
