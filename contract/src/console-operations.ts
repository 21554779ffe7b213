/** The pages of the console and the files that they load. They need no token, and show no data. */
import type { Operation } from './operation.ts';

const shared = { method: 'GET', tag: 'Console', limit: 'none', access: 'open' } as const;

export const getConsole = {
  ...shared,
  id: 'getConsole',
  path: '/console',
  summary: 'Show the console',
  description:
    'The page is the same for every path below /console. It loads its data as the user who is signed in.',
  answers: { 200: { description: 'A page.', mediaType: 'text/html; charset=utf-8' } },
  problems: ['route_unknown'],
} as const satisfies Operation;

export const getConsolePage = {
  ...getConsole,
  id: 'getConsolePage',
  path: '/console/{page}',
  summary: 'Show a page of the console',
} as const satisfies Operation;

export const getConsoleItem = {
  ...getConsole,
  id: 'getConsoleItem',
  path: '/console/{page}/{item}',
  summary: 'Show a contact, a dataset or another thing in the console',
} as const satisfies Operation;

export const getConsolePart = {
  ...getConsole,
  id: 'getConsolePart',
  path: '/console/{page}/{item}/{part}',
  summary: 'Show a part of a thing in the console',
} as const satisfies Operation;

export const getConsoleDetail = {
  ...getConsole,
  id: 'getConsoleDetail',
  path: '/console/{page}/{item}/{part}/{detail}',
  summary: 'Show a detail of a part in the console',
} as const satisfies Operation;

export const getConsoleAsset = {
  ...shared,
  id: 'getConsoleAsset',
  path: '/console/assets/{file}',
  summary: 'Send a script, a style or a font of the console',
  description:
    'The name of a file changes with its content, so callers may keep it for a year. The answer is compressed if the caller accepts brotli or gzip.',
  answers: { 200: { description: 'The file.', mediaType: 'application/octet-stream' } },
  problems: ['route_unknown'],
} as const satisfies Operation;
