import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../../errors.ts';

const address = '127.0.0.1';
/** Under another name it was not us who were meant: a page in a browser, say, whose own host's name points to this machine. */
const ownNames = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/;
/** Whoever watches a mount is one, or a few. */
const mostConnections = 16;
const patienceMs = 5_000;
const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Serves one text at `/metrics`, to this machine only. */
export class MetricsServer {
  readonly #server: Server;
  readonly #text: () => string | undefined;

  private constructor(text: () => string | undefined) {
    this.#text = text;
    const limits = { headersTimeout: patienceMs, requestTimeout: patienceMs };
    this.#server = createServer(limits, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = mostConnections;
  }

  /**
   * @param port 0 takes one that is free
   * @param text undefined as long as there is nothing to tell yet
   * @throws Failure 'local' when the port cannot be had
   */
  static async listen(port: number, text: () => string | undefined): Promise<MetricsServer> {
    const metrics = new MetricsServer(text);
    const server = metrics.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(
          new Failure('local', `Metrics cannot be served on port ${port} of ${address} (${cause.code})`, {
            hint: 'Choose another port for --metrics; 0 takes one that is free, and the log names it.',
            cause,
          }),
        ),
      );
      server.listen(port, address, () => {
        server.removeAllListeners('error');
        // What fails from now on (no descriptors left) fails for whoever asked.
        server.on('error', () => {});
        resolve();
      });
    });
    return metrics;
  }

  get url(): string {
    return `http://${address}:${(this.#server.address() as AddressInfo).port}/metrics`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '', headers } = request;
    const say = (status: number, text: string) =>
      response
        .writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
        .end(method === 'HEAD' ? undefined : text);
    if (!ownNames.test(headers.host ?? '')) say(421, 'This is 127.0.0.1.\n');
    else if (url.split('?')[0] !== '/metrics') say(404, 'Ask for /metrics.\n');
    else if (method !== 'GET' && method !== 'HEAD') say(405, 'There is only to be read.\n');
    else {
      const text = this.#text();
      if (text === undefined) say(503, 'Not mounted yet.\n');
      else say(200, text);
    }
  }
}
