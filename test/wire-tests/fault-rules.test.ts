import { describe, expect, it } from 'vitest';
import type { FaultRule, Wire } from '../stand-in/wire/index.ts';
import { ask, startGround } from './fixture.ts';

const teapot = { kind: 'status', status: 418 } as const;

async function statuses(url: string, count: number): Promise<string> {
  const seen: string[] = [];
  for (let round = 0; round < count; round += 1) {
    seen.push((await ask(`${url}/json?path=disk:/a`)).status === 418 ? 'x' : '.');
  }
  return seen.join('');
}

describe('a rule', () => {
  it.each<[FaultRule, boolean]>([
    [{ fault: teapot }, true],
    [{ fault: teapot, route: '*' }, true],
    [{ fault: teapot, route: 'json.*' }, true],
    [{ fault: teapot, route: '*.get' }, true],
    [{ fault: teapot, route: 'json' }, false],
    [{ fault: teapot, route: 'jsonxget' }, false],
    [{ fault: teapot, route: ['file.get', 'json.get'] }, true],
    [{ fault: teapot, route: ['file.get', 'file.put'] }, false],
    [{ fault: teapot, role: 'data' }, true],
    [{ fault: teapot, role: 'api' }, false],
    [{ fault: teapot, method: 'get' }, true],
    [{ fault: teapot, method: 'POST' }, false],
    [{ fault: teapot, path: 'disk:/Документы/a (1).txt' }, true],
    [{ fault: teapot, path: 'disk:/Документы' }, false],
    [{ fault: teapot, pathMatches: '^disk:/Д.*\\.txt$' }, true],
    [{ fault: teapot, pathMatches: '\\.jpg$' }, false],
    [{ fault: teapot, route: 'json.*', method: 'PUT' }, false],
  ])('%j fits: %s', async (rule, fits) => {
    const { url, wire } = await startGround();
    wire.faults.add(rule);
    const { status } = await ask(`${url}/json?path=${encodeURIComponent('disk:/Документы/a (1).txt')}`);
    expect(status).toBe(fits ? 418 : 200);
    expect(wire.faultLog.length).toBe(fits ? 1 : 0);
  });

  it('matches the URL where a request names no path', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ pathMatches: '/json\\?q=1', fault: teapot });
    expect((await ask(`${url}/json?q=1`)).status).toBe(418);
    expect((await ask(`${url}/json?q=2`)).status).toBe(200);
  });

  it('skips and counts', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ id: 'two', skip: 3, count: 2, fault: teapot });
    expect(await statuses(url, 8)).toBe('...xx...');
    expect(wire.faults.list()).toMatchObject([{ id: 'two', seenCount: 8, appliedCount: 2 }]);
    expect(wire.faultLog.map(({ exchangeId, path }) => [exchangeId, path])).toEqual([
      [4, 'disk:/a'],
      [5, 'disk:/a'],
    ]);
  });

  it('counts among parallel requests, too', async () => {
    const { url, wire } = await startGround({ settings: { delayMs: 20 } });
    wire.faults.add({ count: 3, fault: { ...teapot, stage: 'before-response' } });
    const seen = await Promise.all(Array.from({ length: 20 }, () => ask(`${url}/json`)));
    expect(seen.filter(({ status }) => status === 418).length).toBe(3);
  });

  it('happens by chance, the same chance for the same seed', async () => {
    const run = async () => {
      const { url, wire } = await startGround();
      wire.faults.add({ probability: 0.5, fault: teapot });
      return statuses(url, 30);
    };
    const [one, other] = await Promise.all([run(), run()]);
    expect(one).toMatch(/x/);
    expect(one).toMatch(/\./);
    expect(other).toBe(one);
  });

  it('goes before later rules of its kind, which are not used up', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ id: 'first', count: 1, fault: teapot });
    wire.faults.add({ id: 'second', count: 1, fault: { kind: 'status', status: 500 } });
    expect((await ask(`${url}/json`)).status).toBe(418);
    expect((await ask(`${url}/json`)).status).toBe(500);
    expect((await ask(`${url}/json`)).status).toBe(200);
    expect(wire.faultLog.map(({ ruleId }) => ruleId)).toEqual(['first', 'second']);
  });

  it('can be removed, one or all; the log stays until it is cleared', async () => {
    const { url, wire } = await startGround();
    const id = wire.faults.add({ fault: teapot });
    expect(await statuses(url, 1)).toBe('x');
    expect(wire.faults.remove(id)).toBe(true);
    expect(wire.faults.remove(id)).toBe(false);
    wire.faults.add({ fault: teapot });
    wire.faults.clear();
    expect(await statuses(url, 2)).toBe('..');
    expect(wire.faultLog.length).toBe(1);
    wire.clearFaultLog();
    expect(wire.faultLog).toEqual([]);
  });

  it('is checked', async () => {
    const { wire } = await startGround();
    const add = (json: string) => () =>
      wire.faults.add(JSON.parse(json) as Parameters<Wire['faults']['add']>[0]);
    expect(add('{"fault":{"kind":"explode"}}')).toThrow();
    expect(add('{"fault":{"kind":"cut"}}')).toThrow();
    expect(add('{"fault":{"kind":"reset"},"pathMatches":"("}')).toThrow();
    expect(add('{"fault":{"kind":"reset"},"rout":"*"}')).toThrow();
    expect(add('{"id":"a","fault":{"kind":"reset"}}')).not.toThrow();
    expect(add('{"id":"a","fault":{"kind":"reset"}}')).toThrow('already');
    expect(JSON.parse(JSON.stringify(wire.describe())).faults).toEqual([
      { id: 'a', rule: { id: 'a', fault: { kind: 'reset' } }, seenCount: 0, appliedCount: 0 },
    ]);
  });
});
