/** Finds the route of a request by its method and target: the one file that knows find-my-way. */
import { METHODS } from 'node:http';
import createRouter, { type HTTPMethod } from 'find-my-way';
import { maxPathParameterLength } from './limits.ts';
import type { RequestFacts, Route } from './route.ts';

export interface FoundRoute {
  /** The route's number in the list; `undefined`: no route answers this method at this path. */
  readonly number: number | undefined;
  readonly params: RequestFacts['params'];
}

/**
 * Compiles the search, which returns `undefined` for a target that is not well-formed: bad percent
 * encoding, or a parameter that is too long.
 */
export function compileRoutes(
  routes: readonly Route[],
): (method: string, target: string) => FoundRoute | undefined {
  const router = createRouter({
    maxParamLength: maxPathParameterLength,
    onBadUrl: notCalled,
    onMaxParamLength: notCalled,
    // Routes read their query themselves.
    querystringParser: () => ({}),
  });
  const routed = new Set<string>();
  for (const [number, { operation }] of routes.entries()) {
    // A HEAD is a GET whose body is not sent, also where it is refused.
    const methods = operation.method === 'GET' ? ['GET', 'HEAD'] : [operation.method];
    for (const method of methods) routed.add(method);
    const path = operation.path.replace(/\{([a-z]+)\}/g, ':$1');
    router.on(methods as HTTPMethod[], path, notCalled, { number });
  }
  // Targets of the other methods are read too, so that a malformed one is refused as such.
  const others = METHODS.filter((method) => !routed.has(method));
  router.on(others as HTTPMethod[], '*', notCalled, { number: undefined });
  return (method, target) => {
    const found = router.find(method as HTTPMethod, target);
    if (found === null) return { number: undefined, params: {} };
    const store: Pick<FoundRoute, 'number'> | null | undefined = found.store;
    if (!store) return undefined;
    return { number: store.number, params: found.params as FoundRoute['params'] };
  };
}

/** The router only finds routes. It never calls their handlers. */
function notCalled(): never {
  throw new Error('the router called a handler');
}
