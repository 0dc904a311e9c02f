import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer: a status with a body, or a function that does something worse. */
export type OddAnswer =
  | { readonly status: number; readonly body: unknown; readonly type?: string }
  | ((request: IncomingMessage, response: ServerResponse) => void);

export interface OddOAuth {
  readonly url: string;
  /** What came, oldest first. */
  readonly requests: {
    readonly path: string;
    readonly form: URLSearchParams;
    readonly headers: IncomingMessage['headers'];
  }[];
  /** Answers of one route, taken one after the other; the last one stays. */
  answer(path: string, ...answers: OddAnswer[]): void;
  close(): Promise<void>;
}

/** An OAuth service that answers whatever a test wants: for answers that the stand-in, which is a good one, never gives. */
export async function startOddOAuth(): Promise<OddOAuth> {
  const answers = new Map<string, OddAnswer[]>();
  const requests: OddOAuth['requests'] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      requests.push({ path, form: new URLSearchParams(text), headers: request.headers });
      const left = answers.get(path) ?? [];
      const answer = (left.length > 1 ? left.shift() : left[0]) ?? { status: 404, body: 'nothing here' };
      if (typeof answer === 'function') {
        answer(request, response);
        return;
      }
      const isText = typeof answer.body === 'string';
      response.writeHead(answer.status, {
        'content-type': answer.type ?? (isText ? 'text/html' : 'application/json'),
      });
      response.end(isText ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: (path, ...list) => {
      answers.set(path, list);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
