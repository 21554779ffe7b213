/**
 * Calls a running server as a client does, and returns answers in the form that `problem-shape.ts`
 * reads.
 */
import { request } from 'node:http';
import type { RawAnswer } from './raw-connection.ts';
import type { RunningApi } from './start-api.ts';

export interface ApiCall {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON, unless it is a string. */
  readonly body?: unknown;
}

export function callApi(api: Pick<RunningApi, 'port'>, call: ApiCall): Promise<RawAnswer> {
  const { method = 'GET', path, token, body } = call;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    // Without it, node asks the server to close the connection, which would not be a plain look-up.
    connection: 'keep-alive',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    ...call.headers,
  };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: api.port, method, path, headers, agent: false };
    const sent = request(options, (response) => {
      const pieces: Buffer[] = [];
      // A stream of events has no end. Its head is the answer.
      const isEndless = response.headers['content-type']?.startsWith('text/event-stream');
      const finish = () => {
        if (isEndless === true) response.destroy();
        resolve({
          status: response.statusCode ?? 0,
          headers: new Map(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: Buffer.concat(pieces).toString(),
        });
      };
      response.on('data', (piece: Buffer) => pieces.push(piece));
      if (isEndless === true) finish();
      else response.on('end', finish);
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
