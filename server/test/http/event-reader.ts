/** Reads server-sent events from a real connection. */
import { type IncomingMessage, request } from 'node:http';
import type { TestContext } from 'node:test';
import { type RunningApi, waitFor } from './start-api.ts';

export interface ReadEvent {
  readonly name: string;
  readonly id: string | null;
  readonly data: Record<string, unknown>;
}

export interface EventReader {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Everything that has arrived, as text. */
  text(): string;
  events(): readonly ReadEvent[];
  isEnded(): boolean;
  /** Waits until there is such an event, and gives the first. */
  wait(name: string, holds?: (data: ReadEvent['data']) => boolean): Promise<ReadEvent>;
  /** Stops reading, so that the server's answer waits. */
  pause(): void;
  close(): void;
}

/** With a token, or as a user of the console. */
interface FollowedBy {
  readonly token?: string;
  readonly cookie?: string;
  readonly lastId?: string;
}

export async function followEvents(
  t: TestContext,
  api: Pick<RunningApi, 'port'>,
  { token, cookie, lastId }: FollowedBy,
): Promise<EventReader> {
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(cookie !== undefined && { cookie }),
    ...(lastId !== undefined && { 'last-event-id': lastId }),
  };
  const path = token === undefined ? '/console/api/v1/events' : '/admin/v1/events';
  const options = { host: '127.0.0.1', port: api.port, path, headers };
  const sent = request({ ...options, agent: false });
  t.after(() => sent.destroy());
  sent.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
  let text = '';
  let isEnded = false;
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    text += piece;
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    isEnded = true;
  });
  const events = () => text.split('\n\n').slice(0, -1).flatMap(readEvent);
  return {
    ...{ status: response.statusCode ?? 0, headers: response.headers, events },
    text: () => text,
    isEnded: () => isEnded,
    wait: async (name, holds = () => true) => {
      const find = () => events().find((event) => event.name === name && holds(event.data));
      await waitFor(() => find() !== undefined, 10_000);
      return find() as ReadEvent;
    },
    pause: () => response.pause(),
    close: () => sent.destroy(),
  };
}

function readEvent(block: string): ReadEvent[] {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const name = fields.get('event');
  if (name === undefined) return [];
  const data = JSON.parse(fields.get('data') ?? 'null') as ReadEvent['data'];
  return [{ name, id: fields.get('id') ?? null, data }];
}
