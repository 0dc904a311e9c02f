import { Unexpected, wordsOf } from '../bench.ts';
import { operationEnd, operationId } from '../operations.ts';
import type { Question } from '../question.ts';
import { look } from '../resources.ts';

/** A name that never leads anywhere (RFC 6761). */
const nowhere = 'http://yadiskfs-probe.invalid/file.txt';

export const failedOperation: Question = {
  id: 'failed-operation',
  title: 'Which word has an operation that failed?',
  settings: ['operationFailedWord'],
  promises: ['operations-are-waited-for', 'save-url'],
  requests: 30,
  uploadBytes: 0,
  async ask(bench, answer) {
    const path = bench.path('never-there.txt');
    const reply = await bench.api('POST', '/resources/upload', { path, url: nowhere });
    if (reply.status !== 202) {
      answer.cannotTell(
        'operationFailedWord',
        `fetching an address that leads nowhere was answered ${wordsOf(reply)}`,
      );
      return;
    }
    const id = operationId(reply);
    const { status } = await operationEnd(bench, id, reply);
    if (status === undefined) throw new Unexpected('an operation that does not end', reply);
    const word = status === 'failed' || status === 'failure' ? status : undefined;
    if (word === undefined) answer.cannotTell('operationFailedWord', `its operation says "${status}"`);
    else answer.is('operationFailedWord', word);
    const told = await bench.api('GET', `/operations/${id}`);
    const keys = told.json !== null && typeof told.json === 'object' ? Object.keys(told.json) : [];
    answer.say(
      `a failed operation tells: ${keys.join(', ')}; the file is ${(await look(bench, path)) ? 'there' : 'not there'}`,
    );
  },
};
