/** Sends a file as the body of a call, and tells how much has left, which `fetch` does not. */
import type { uploadSchema } from '@usher/contract/upload-schema';
import type { Static } from 'typebox';
import { ApiProblem } from './api-problem.ts';

export type Upload = Static<typeof uploadSchema>;

interface UploadOptions {
  /** The dataset that the file is for, if it is known. */
  readonly dataset: string | undefined;
  /** Called with the share that was sent, 0 to 1. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

/**
 * @throws {ApiProblem} for every answer but a good one
 */
export function uploadFile(
  file: File,
  { dataset, onProgress, signal }: UploadOptions,
): Promise<Upload> {
  const request = new XMLHttpRequest();
  const target = dataset === undefined ? '' : `&dataset=${encodeURIComponent(dataset)}`;
  const address = `/console/api/v1/uploads?name=${encodeURIComponent(file.name)}${target}`;
  return new Promise((resolve, reject) => {
    request.open('POST', address);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'text';
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(total === 0 ? 0 : loaded / total),
    );
    request.addEventListener('error', () => reject(unreachable()));
    request.addEventListener('abort', () => reject(signal.reason));
    request.addEventListener('load', () => {
      const answer = parsed(request.responseText);
      if (request.status === 201) resolve(answer as unknown as Upload);
      else reject(problemFrom(request, answer));
    });
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function problemFrom(
  request: XMLHttpRequest,
  answer: Readonly<Record<string, unknown>>,
): ApiProblem {
  const { code, title, detail, request_id: requestId, ...members } = answer;
  return new ApiProblem({
    code: (typeof code === 'string' ? code : 'not_understood') as ApiProblem['code'],
    status: request.status,
    title: typeof title === 'string' ? title : 'The file did not arrive',
    detail: typeof detail === 'string' ? detail : 'Send it again.',
    requestId: typeof requestId === 'string' ? requestId : undefined,
    members,
  });
}

function unreachable(): ApiProblem {
  return new ApiProblem({
    ...{ code: 'unreachable', status: 0, requestId: undefined, members: {} },
    title: 'The file did not arrive',
    detail: 'The node is away, or the network is. Choose the file again.',
  });
}
