/** Answers that are sent while work goes on: a JSON object on each line (NDJSON). */
import type { Problem } from '../domain/problem.ts';
import { headLine, type StreamAnswer } from './answer.ts';
import { problemAnswer, problemOf } from './problem-response.ts';

const linesHead =
  headLine('Content-Type', 'application/x-ndjson; charset=utf-8') +
  headLine('Cache-Control', 'no-store') +
  // Proxies such as nginx would otherwise keep the lines until the end.
  headLine('X-Accel-Buffering', 'no');

/** If the work fails after the answer has begun, the last line is `{"problem": ...}`. */
export function linesAnswer(
  values: AsyncIterable<object>,
  { head, requestId }: { readonly head: string; readonly requestId: string },
): StreamAnswer {
  const lastText = (problem: Problem) => problemLine(problem, requestId);
  return { status: 200, head: linesHead + head, texts: linesOf(values, requestId), lastText };
}

async function* linesOf(values: AsyncIterable<object>, requestId: string): AsyncGenerator<string> {
  try {
    for await (const value of values) yield `${JSON.stringify(value)}\n`;
  } catch (error) {
    yield problemLine(problemOf(error), requestId);
  }
}

function problemLine(problem: Problem, requestId: string): string {
  const { body } = problemAnswer(problem, requestId);
  return `{"problem":${Buffer.from(body, 'latin1').toString()}}\n`;
}
