import { pick } from '../fields.ts';
import { jsonReply } from '../replies.ts';
import type { Endpoint } from '../service.ts';

const operationsGet: Endpoint = {
  route: 'operations.get',
  method: 'GET',
  path: /^\/operations(\/[^/]+)?$/,
  needs: 'any',
  run: ({ service, url, query, fields }) => {
    const id = /\/operations\/([^/]+)/.exec(url.pathname)?.[1] ?? query.required('id');
    const { status } = service.operations.get(id);
    const word = status === 'failed' ? service.settings.operationFailedWord : status;
    return jsonReply(200, pick({ status: word }, fields));
  },
};

export const operationEndpoints: readonly Endpoint[] = [operationsGet];
