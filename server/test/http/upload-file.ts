/** Uploads files to a running server as a browser does, in one piece or in several. */
import { type ClientRequest, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface UploadCall {
  readonly port: number;
  readonly token?: string;
  /** Of a user of the console, instead of a token. */
  readonly cookies?: ReadonlyMap<string, string>;
  readonly name: string;
  readonly dataset?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The default is `/admin/v1/uploads`. */
  readonly path?: string;
}

export interface UploadAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export async function uploadFile(
  call: UploadCall,
  content: string | Buffer,
): Promise<UploadAnswer> {
  const { sent, answered } = beginUpload(call);
  sent.end(content);
  return answered;
}

/** Begins an upload. The caller writes to `sent`, and ends it. */
export function beginUpload(call: UploadCall): {
  readonly sent: ClientRequest;
  readonly answered: Promise<UploadAnswer>;
} {
  const { port, token, cookies, name, dataset, headers } = call;
  const target = dataset === undefined ? '' : `&dataset=${encodeURIComponent(dataset)}`;
  const { path = cookies === undefined ? '/admin/v1/uploads' : '/console/api/v1/uploads' } = call;
  const sent = request({
    ...{ host: '127.0.0.1', port, method: 'POST', agent: false },
    path: `${path}?name=${encodeURIComponent(name)}${target}`,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookies !== undefined && {
        cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join('; '),
        'sec-fetch-site': 'same-origin',
      }),
      'content-type': 'application/octet-stream',
      ...headers,
    },
  });
  const answered = new Promise<UploadAnswer>((resolve, reject) => {
    sent.on('response', (response) => {
      text(response)
        .then((body) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) }))
        .catch(reject);
    });
    sent.on('error', reject);
  });
  // A test that breaks the upload off does not wait for the answer.
  answered.catch(() => undefined);
  return { sent, answered };
}
