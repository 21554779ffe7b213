/** The metrics of all threads. Prometheus commonly runs beside the server, so loopback needs no token; a proxy's word for it does. */
import { getMetrics } from '@usher/contract/server-operations';
import { headLine } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { isLoopback } from '../client-address.ts';
import { guardedRoute } from '../guarded-route.ts';
import type { RequestFacts, Route } from '../route.ts';

export const getMetricsRoute: Route = {
  operation: getMetrics,
  answer: (context, request) =>
    isLocal(request) ? answerMetrics(context, '') : guarded.answer(context, request),
};

const guarded = guardedRoute({
  operation: getMetrics,
  handle: ({ limitHead }, context) => answerMetrics(context, limitHead),
});

/** By the socket's own address, and only when nobody forwarded the request: a proxy on this machine is not this machine's operator. */
function isLocal({ peer, headers }: RequestFacts): boolean {
  const isForwarded =
    headers['x-forwarded-for'] !== undefined ||
    headers['forwarded'] !== undefined ||
    headers['via'] !== undefined;
  return headers.authorization === undefined && isLoopback(peer) && !isForwarded;
}

export async function answerMetrics(context: Pick<ApiContext, 'metrics'>, head: string) {
  const text = await context.metrics.render();
  const type = headLine('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
  return {
    status: 200,
    head: `${type}${headLine('Cache-Control', 'no-store')}${head}`,
    body: Buffer.from(text).toString('latin1'),
  };
}
