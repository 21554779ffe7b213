/** The metrics on their own port, without a token: everyone who reaches the port may read them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { checkRequest } from './connection/check-request.ts';
import { DoorServer } from './connection/door-server.ts';
import { createNodeServer } from './connection/node-server.ts';
import { problemAnswer, problemOf } from './problem-response.ts';
import { requestIdOf } from './request-id.ts';
import { answerMetrics, getMetricsRoute } from './routes/get-metrics.ts';
import { compileUnrouted } from './unrouted.ts';

export type MetricsContext = Pick<ApiContext, 'metrics' | 'newRequestId' | 'log'>;

/** A server that answers only `GET /metrics`. The caller makes it listen. */
export function buildMetricsServer(context: MetricsContext): DoorServer {
  const judgeUnrouted = compileUnrouted([getMetricsRoute]);
  const answer = async (request: IncomingMessage, requestId: string) => {
    const wrong = checkRequest(request);
    if (wrong !== undefined) return problemAnswer(wrong, requestId);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && request.url === getMetricsRoute.operation.path) return answerMetrics(context, '');
    const { problem, head } = judgeUnrouted(request.method ?? '', request.url ?? '');
    return problemAnswer(problem, requestId, head);
  };
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const own = request.headers['x-request-id']?.toString();
    const requestId = requestIdOf(own, context.newRequestId);
    const answered = await answer(request, requestId).catch((error: unknown) => {
      context.log.error({ error, request_id: requestId }, 'the metrics could not be read');
      return problemAnswer(problemOf(error), requestId);
    });
    await sendAnswer(response, { answer: answered, requestId, closes: false });
  };
  const onFailure = (error: unknown) => context.log.error({ error }, 'a connection failed');
  const httpServer = createNodeServer({
    listener: (request, response) => {
      respond(request, response).catch((error: unknown) => {
        onFailure(error);
        request.destroy();
      });
    },
    newRequestId: context.newRequestId,
    onRefusal: () => undefined,
  });
  return new DoorServer(httpServer, onFailure);
}
