import { describe, expect, it } from 'vitest';
import { ask, eventually, patternOf, pause, startGround } from './fixture.ts';

describe('a gate', () => {
  it('holds a request before its handler', async () => {
    const { url, wire, handled } = await startGround();
    const gate = wire.hold({ stage: 'before', route: 'json.get' });
    const asked = ask(`${url}/json?path=disk:/a`);
    const exchange = await gate.arrived();
    expect(exchange).toMatchObject({ route: 'json.get', path: 'disk:/a' });
    expect((await ask(`${url}/file/10`)).status).toBe(200);
    expect(handled).toEqual(['/file/10']);
    expect(gate.describe()).toMatchObject({ open: false, arrivedCount: 1, held: [{ id: exchange.id }] });
    expect(wire.describe().inFlight).toMatchObject([{ id: exchange.id }]);
    gate.release();
    expect((await asked).status).toBe(200);
    expect(gate.describe()).toMatchObject({ open: true, held: [] });
  });

  it('holds an upload between its last byte and its commit', async () => {
    const { url, wire, committed } = await startGround();
    const gate = wire.hold({ stage: 'before-commit' });
    const body = patternOf(200_000);
    const asked = ask(`${url}/upload`, { method: 'PUT', body });
    expect((await gate.arrived()).receivedBytes).toBe(200_000);
    await pause(30);
    expect(committed).toEqual([]);
    gate.release();
    expect((await asked).status).toBe(201);
    expect(committed[0]?.equals(body)).toBe(true);
  });

  it('holds a reply after the effect', async () => {
    const { url, wire, committed } = await startGround();
    const gate = wire.hold({ stage: 'before-response' });
    let isAnswered = false;
    const asked = ask(`${url}/upload`, { method: 'PUT', body: patternOf(10) }).then((seen) => {
      isAnswered = true;
      return seen;
    });
    await gate.arrived();
    expect(committed.length).toBe(1);
    await pause(30);
    expect(isAnswered).toBe(false);
    gate.release();
    expect((await asked).status).toBe(201);
  });

  it('lets an upload be committed though its client has left', async () => {
    const { url, wire, committed } = await startGround();
    const gate = wire.hold({ stage: 'before-commit' });
    const asked = ask(`${url}/upload`, {
      method: 'PUT',
      body: patternOf(10),
      signal: AbortSignal.timeout(100),
    });
    await gate.arrived();
    expect((await asked).status).toBeNull();
    await eventually(() => wire.statistics.snapshot().all.inFlight === 0);
    expect(committed).toEqual([]);
    gate.release();
    await eventually(() => committed.length === 1);
  });

  it('holds one, or several, or every one until it is opened', async () => {
    const { url, wire } = await startGround();
    const two = wire.hold({ id: 'two', stage: 'before', path: 'two', skip: 1, count: 2 });
    const all = wire.hold({ id: 'all', stage: 'before', path: 'all', count: null });
    const asked = [1, 2, 3, 4].map(() => ask(`${url}/json?path=two`));
    const others = [1, 2, 3, 4].map(() => ask(`${url}/json?path=all`));
    await Promise.all([two.arrived(2), all.arrived(4)]);
    expect(two.describe().held.length).toBe(2);
    expect(all.describe().held.length).toBe(4);
    const { id } = await all.arrived(3);
    all.release(id);
    expect(() => all.release(id)).toThrow('does not hold');
    expect((await Promise.any(others)).status).toBe(200);
    expect(all.describe().held.length).toBe(3);
    all.release();
    two.release();
    expect((await Promise.all([...asked, ...others])).every(({ status }) => status === 200)).toBe(true);
    expect((await ask(`${url}/json?path=all`)).status).toBe(200);
  });

  it.each([
    'before',
    'before-commit',
    'before-response',
  ] as const)('at %s rejects with a fault', async (stage) => {
    const { url, wire, committed, handled } = await startGround();
    const gate = wire.hold({ id: 'g', stage, count: 2 });
    const body = patternOf(10);
    const refused = ask(`${url}/upload`, { method: 'PUT', body });
    gate.reject(
      { kind: 'status', status: 423, error: 'DiskResourceLockedError' },
      (await gate.arrived(1)).id,
    );
    expect((await refused).status).toBe(423);
    const reset = ask(`${url}/upload`, { method: 'PUT', body });
    await gate.arrived(2);
    gate.reject({ kind: 'reset' });
    expect((await reset).error).toBe('ECONNRESET');
    expect(handled.length).toBe(stage === 'before' ? 0 : 2);
    expect(committed.length).toBe(stage === 'before-response' ? 2 : 0);
    expect(wire.faultLog).toMatchObject([
      { ruleId: 'g', kind: 'status' },
      { ruleId: 'g', kind: 'reset' },
    ]);
    expect(() => gate.reject({ kind: 'cut', afterBytes: 1 })).toThrow('cannot reject with cut');
  });

  it('is found by its id, and says when nothing will arrive', async () => {
    const { wire } = await startGround();
    const gate = wire.hold({ id: 'mine', stage: 'before' });
    expect(wire.gate('mine')).toBe(gate);
    expect(wire.gate('other')).toBeUndefined();
    expect(() => wire.hold({ id: 'mine', stage: 'before' })).toThrow('already');
    const waiting = gate.arrived();
    gate.release();
    await expect(waiting).rejects.toThrow('opened');
    await expect(gate.arrived()).rejects.toThrow('open');
    expect(() => wire.hold({ id: 'mine', stage: 'before' })).not.toThrow();
    expect(wire.gates().length).toBe(1);
  });
});
