/** The problem of a request without a route: its path is unknown, or does not allow its method. */
import type { Problem } from '../domain/problem.ts';
import { headLine } from './answer.ts';
import { methodsOf } from './find-route.ts';
import type { Route } from './route.ts';

export interface Unrouted {
  readonly problem: Problem;
  /** The `Allow` header line, if any. */
  readonly head: string;
}

export function compileUnrouted(
  routes: readonly Route[],
): (method: string, target: string) => Unrouted {
  const byPath = Map.groupBy(routes, ({ operation }) => operation.path);
  const paths = [...byPath].map(([path, own]) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{[a-z]+\}/g, '[^/]+')}$`),
    allow: own.flatMap(({ operation }) => methodsOf(operation)).join(', '),
  }));
  return (method, target) => {
    const path = target.split('?', 1)[0] ?? '';
    const found = paths.find(({ pattern }) => pattern.test(path));
    return found === undefined ? unknownRoute : wrongMethod(method, found.allow);
  };
}

const unknownRoute: Unrouted = {
  problem: {
    code: 'route_unknown',
    detail: 'This path does not exist. /openapi.json lists all paths.',
  },
  head: '',
};

function wrongMethod(method: string, allow: string): Unrouted {
  return {
    problem: {
      code: 'method_not_allowed',
      detail: `The path does not allow ${method}. It allows ${allow}.`,
      members: { allow: allow.split(', ') },
    },
    head: headLine('Allow', allow),
  };
}
