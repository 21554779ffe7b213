/**
 * The metrics of all threads. Always needs a token, because calls through a local proxy seem to
 * come from this machine.
 */
import { getMetrics } from '@usher/contract/server-operations';
import { headLine } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { guardedRoute } from '../guarded-route.ts';

export const getMetricsRoute = guardedRoute({
  operation: getMetrics,
  handle: ({ limitHead }, context) => answerMetrics(context, limitHead),
});

export async function answerMetrics(context: Pick<ApiContext, 'metrics'>, head: string) {
  const text = await context.metrics.render();
  const type = headLine('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
  return {
    status: 200,
    head: `${type}${headLine('Cache-Control', 'no-store')}${head}`,
    body: Buffer.from(text).toString('latin1'),
  };
}
