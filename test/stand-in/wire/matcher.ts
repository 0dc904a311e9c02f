import type { Match } from './rules.ts';

/** What rules look at. */
export interface Matchable {
  readonly role: string;
  readonly route: string;
  readonly method: string;
  readonly path: string | null;
  readonly url: string;
}

/** A match made ready: tells whether an exchange fits. */
export function matcherOf(match: Match): (exchange: Matchable) => boolean {
  const role = match.role === undefined ? null : globsOf([match.role]);
  const route = match.route === undefined ? null : globsOf([match.route].flat());
  const method = match.method?.toUpperCase();
  const pattern = match.pathMatches === undefined ? null : new RegExp(match.pathMatches, 'u');
  return (exchange) =>
    (role === null || role.test(exchange.role)) &&
    (route === null || route.test(exchange.route)) &&
    (method === undefined || method === exchange.method) &&
    (match.path === undefined || match.path === exchange.path) &&
    (pattern === null || pattern.test(exchange.path ?? exchange.url));
}

function globsOf(globs: readonly string[]): RegExp {
  const alternatives = globs.map((glob) =>
    glob
      .split('*')
      .map((literal) => literal.replace(/[\\^$.|?+()[\]{}/-]/g, '\\$&'))
      .join('.*'),
  );
  return new RegExp(`^(?:${alternatives.join('|')})$`, 's');
}
