/**
 * Opens consoles without a browser, whose own work would disturb the measurement: makes the calls
 * that an open overview makes (`console/src/pages/overview/use-overview.ts`), until it is ended.
 * The parameter is the port; `CONSOLE_COOKIES` has one header `Cookie` a line.
 */
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';

/** As often as the page reads the overview again. */
const pauseMs = 10_000;

const port = Number(process.argv[2]);
const cookies = (process.env['CONSOLE_COOKIES'] ?? '').split('\n');

async function openConsole(cookie: string, place: number): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const readOverview = () => read('/console/api/v1/overview', cookie, agent);
  await read('/console/api/session', cookie, agent);
  await readOverview();
  await followEvents(cookie, () => void readOverview());
  // People open their consoles at different moments.
  const firstMs = (place * pauseMs) / cookies.length;
  setTimeout(() => {
    void readOverview();
    setInterval(() => void readOverview(), pauseMs);
  }, firstMs);
}

async function read(path: string, cookie: string, agent: Agent): Promise<void> {
  const { response } = await request(path, cookie, agent);
  const body = await text(response);
  if (response.statusCode !== 200) fail(`${path}: ${response.statusCode} ${body}`);
}

/** Calls `onChange` for each event after which the page reads the overview again. */
async function followEvents(cookie: string, onChange: () => void): Promise<void> {
  const path = '/console/api/v1/events';
  const { response } = await request(path, cookie, new Agent());
  if (response.statusCode !== 200) fail(`${path}: ${response.statusCode}`);
  response.setEncoding('utf8').on('data', (chunk: string) => {
    for (const _ of chunk.matchAll(/^event: (?:run|changed|reset)$/gm)) onChange();
  });
  response.on('end', () => fail('a stream of events ended'));
}

function request(path: string, cookie: string, agent: Agent) {
  const headers = { cookie, accept: 'application/json', 'accept-encoding': 'gzip, deflate, br' };
  const place = { host: '127.0.0.1', port, path, agent, headers };
  return new Promise<{ response: import('node:http').IncomingMessage }>((resolve, reject) => {
    get(place, (response) => resolve({ response })).on('error', reject);
  });
}

function fail(words: string): never {
  console.error(words);
  process.exit(1);
}

await Promise.all(cookies.map(openConsole));
console.log('open');
