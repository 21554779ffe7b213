/** Finds the route of a request. No other file uses find-my-way. */
import { METHODS } from 'node:http';
import createRouter, { type HTTPMethod } from 'find-my-way';
import { maxPathParameterLength } from './limits.ts';
import type { RequestFacts, Route } from './route.ts';

export interface FoundRoute {
  /** The route's index; `undefined` when no route has this method and path. */
  readonly number: number | undefined;
  readonly params: RequestFacts['params'];
}

/** Compiles the search: `undefined` means bad percent encoding or a parameter that is too long. */
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
    const methods = methodsOf(operation);
    for (const method of methods) routed.add(method);
    const path = operation.path.replace(/\{([a-z]+)\}/g, ':$1');
    router.on(methods as HTTPMethod[], path, notCalled, { number });
  }
  // Match other methods too, so that a malformed target is refused as malformed.
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

/** A HEAD is answered like a GET, without the body; also when it is refused. */
export function methodsOf({ method }: Route['operation']): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

/** The router only finds routes and never calls handlers. */
function notCalled(): never {
  throw new Error('the router called a handler');
}
