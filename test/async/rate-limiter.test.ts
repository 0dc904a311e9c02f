import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Leave, RateLimiter } from '../../src/async/rate-limiter.ts';
import { type Priority, Urgency } from '../../src/async/urgency.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Request {
  /** When somebody wants to send it. */
  readonly wantedAtMs: number;
  /** From its departure to its arrival: a new connection, a slow network. */
  readonly wayMs: number;
  /** From its arrival to the beginning of the answer. */
  readonly answerMs: number;
  /** Given up by the client so long after departure, unless answered before. */
  readonly givenUpMs: number | undefined;
}

const request = fc.record<Request>({
  wantedAtMs: fc.nat(3000),
  wayMs: fc.oneof(fc.nat(5), fc.nat(900)),
  answerMs: fc.oneof(fc.nat(20), fc.nat(1500)),
  givenUpMs: fc.option(fc.nat(900), { nil: undefined, freq: 6 }),
});

/** Sends them all, and tells when each arrived at the other side. */
async function arrivalsOf(limiter: RateLimiter, requests: readonly Request[]): Promise<number[]> {
  const arrivedAtMs: number[] = [];
  const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const all = Promise.all(
    requests.map(async ({ wantedAtMs, wayMs, answerMs, givenUpMs }) => {
      await after(wantedAtMs);
      const leave = await limiter.enter('user');
      const arriving = after(wayMs).then(() => arrivedAtMs.push(performance.now()));
      if (givenUpMs !== undefined && givenUpMs < wayMs + answerMs) {
        await after(givenUpMs);
        leave('unsure');
      } else {
        await after(wayMs + answerMs);
        leave();
      }
      await arriving;
    }),
  );
  await vi.runAllTimersAsync();
  await all;
  return arrivedAtMs.sort((left, right) => left - right);
}

function mostInOneSecond(arrivedAtMs: readonly number[]): number {
  let most = 0;
  let first = 0;
  arrivedAtMs.forEach((atMs, index) => {
    while (atMs - (arrivedAtMs[first] ?? 0) >= 1000) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

describe('the limiter of requests', () => {
  it('never lets more than N arrive in any half-open second, whatever the network does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(request, { minLength: 1, maxLength: 60 }),
        async (perSecond, requests) => {
          const limiter = new RateLimiter({ perSecond, concurrency: 8 });
          const arrivedAtMs = await arrivalsOf(limiter, requests);
          expect(arrivedAtMs.length).toBe(requests.length);
          expect(mostInOneSecond(arrivedAtMs)).toBeLessThanOrEqual(perSecond);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('comes close to N a second when answers are quick', async () => {
    const limiter = new RateLimiter({ perSecond: 40, concurrency: 32 });
    const requests = Array.from({ length: 400 }, () => ({
      wantedAtMs: 0,
      wayMs: 10,
      answerMs: 10,
      givenUpMs: undefined,
    }));
    const arrivedAtMs = await arrivalsOf(limiter, requests);
    const tookSec = ((arrivedAtMs.at(-1) ?? 0) - (arrivedAtMs[0] ?? 0)) / 1000;
    expect(400 / tookSec).toBeGreaterThan(38);
    expect(mostInOneSecond(arrivedAtMs)).toBeLessThanOrEqual(40);
  });

  it('keeps at most so many under way at once, also without a rate', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(50), { maxLength: 40 }),
        async (most, takes) => {
          const limiter = new RateLimiter({ perSecond: 0, concurrency: most });
          let underWay = 0;
          let seenMost = 0;
          const all = Promise.all(
            takes.map(async (tookMs) => {
              const leave = await limiter.enter('user');
              underWay++;
              seenMost = Math.max(seenMost, underWay);
              await new Promise((resolve) => setTimeout(resolve, tookMs));
              underWay--;
              leave();
              leave();
            }),
          );
          await vi.runAllTimersAsync();
          await all;
          expect(seenMost).toBe(Math.min(most, takes.length));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lets the urgent go before those who wait, and those who wait before what is due and what is hoped for', async () => {
    const limiter = new RateLimiter({ perSecond: 1, concurrency: 8 });
    const order: Priority[] = [];
    const go = async (priority: Priority) => {
      const leave = await limiter.enter(priority);
      order.push(priority);
      leave();
    };
    const first = go('user');
    const all = Promise.all([go('ahead'), go('background'), go('user'), go('urgent'), first]);
    await vi.runAllTimersAsync();
    await all;
    expect(order).toEqual(['user', 'urgent', 'user', 'background', 'ahead']);
  });

  it('keeps a tenth of the places for those who wait', async () => {
    const limiter = new RateLimiter({ perSecond: 20, concurrency: 40 });
    const entered: Priority[] = [];
    const enter = (priority: Priority) => void limiter.enter(priority).then(() => entered.push(priority));
    enter('user');
    for (let count = 0; count < 40; count++) enter('ahead');
    await vi.advanceTimersByTimeAsync(0);
    expect(entered.length).toBe(18);
    enter('user');
    enter('urgent');
    enter('user');
    await vi.advanceTimersByTimeAsync(0);
    expect(entered.slice(18)).toEqual(['user', 'urgent']);
  });

  it('keeps one place when nobody has waited for a while', async () => {
    const limiter = new RateLimiter({ perSecond: 20, concurrency: 40 });
    const entered: Priority[] = [];
    const enter = (priority: Priority) => void limiter.enter(priority).then(() => entered.push(priority));
    for (let count = 0; count < 40; count++) enter('background');
    await vi.advanceTimersByTimeAsync(0);
    expect(entered.length).toBe(19);
    enter('user');
    await vi.advanceTimersByTimeAsync(0);
    expect(entered.slice(19)).toEqual(['user']);
  });

  it('lets one that is waiting become more urgent, because somebody joined it', async () => {
    const limiter = new RateLimiter({ perSecond: 10, concurrency: 20 });
    const entered: string[] = [];
    const enter = (name: string, urgency: Urgency) =>
      void limiter.enter(urgency).then(() => entered.push(name));
    enter('somebody', new Urgency('user'));
    for (let count = 0; count < 8; count++) enter('earlier', new Urgency('ahead'));
    enter('first', new Urgency('ahead'));
    const joined = new Urgency('ahead');
    enter('joined', joined);
    await vi.advanceTimersByTimeAsync(0);
    expect(entered.length).toBe(9);
    joined.raise('user');
    joined.raise('background');
    expect(joined.priority).toBe('user');
    await vi.advanceTimersByTimeAsync(0);
    expect(entered.slice(9)).toEqual(['joined']);
  });

  it('forgets whoever gives up waiting', async () => {
    const limiter = new RateLimiter({ perSecond: 1, concurrency: 1 });
    const leave = await limiter.enter('user');
    const giving = new AbortController();
    const given = limiter.enter('user', giving.signal);
    const patient = limiter.enter('user');
    const refusal = expect(given).rejects.toMatchObject({ code: 'aborted' });
    giving.abort();
    await refusal;
    leave();
    await vi.advanceTimersByTimeAsync(999);
    let entered = false;
    void patient.then(() => {
      entered = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(entered).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(entered).toBe(true);
    await expect(limiter.enter('user', AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  });

  it('is not the one that keeps a process alive when nobody waits', async () => {
    const limiter = new RateLimiter({ perSecond: 1, concurrency: 1 });
    (await limiter.enter('user'))();
    limiter.slowDown(5_000);
    expect(vi.getTimerCount()).toBe(0);
    const giving = new AbortController();
    const waiting = limiter.enter('user', giving.signal).catch(() => {});
    expect(vi.getTimerCount()).toBe(1);
    giving.abort();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a limiter that was told "too many"', () => {
  /** How many of a crowd get in during the next seconds, each answered at once. */
  async function rates(limiter: RateLimiter, seconds: number): Promise<number[]> {
    const counts: number[] = [];
    let count = 0;
    let open = true;
    const worker = async () => {
      while (open) {
        const leave = await limiter.enter('user');
        count++;
        leave();
      }
    };
    const workers = Array.from({ length: 4 }, worker);
    for (let second = 0; second < seconds; second++) {
      // Whatever happens on the stroke of a second belongs to the next one.
      await vi.advanceTimersByTimeAsync(second === 0 ? 999 : 1000);
      counts.push(count);
      count = 0;
    }
    open = false;
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all(workers);
    return counts;
  }

  it('lets nobody in for the pause, then half as many, then two more each second', async () => {
    const limiter = new RateLimiter({ perSecond: 20, concurrency: 32 });
    limiter.slowDown(3_000);
    const counts = await rates(limiter, 12);
    expect(counts.slice(0, 3)).toEqual([0, 0, 0]);
    for (const [index, count] of counts.slice(3).entries()) {
      expect(count).toBeGreaterThanOrEqual(Math.min(20, 10 + 2 * (index - 1)));
      expect(count).toBeLessThanOrEqual(10 + 2 * (index + 1));
    }
    expect(counts.at(-1)).toBe(20);
  });

  it('slows down once for a crowd that was refused together, and again for one that left after that', async () => {
    const limiter = new RateLimiter({ perSecond: 40, concurrency: 40 });
    const leftAtMs = performance.now();
    const places: Leave[] = [];
    for (let count = 0; count < 40; count++) places.push(await limiter.enter('user'));
    await vi.advanceTimersByTimeAsync(50);
    for (const leave of places) {
      leave();
      limiter.slowDown(0, leftAtMs);
    }
    await vi.advanceTimersByTimeAsync(1_500);
    limiter.slowDown(0);
    // Three more in the second and a half between, half of that, and two more in this second.
    expect((await rates(limiter, 1))[0]).toBe(12);
  });

  it('never falls below one a second', async () => {
    const limiter = new RateLimiter({ perSecond: 3, concurrency: 8 });
    for (let count = 0; count < 20; count++) limiter.slowDown(0);
    expect((await rates(limiter, 2))[0]).toBe(2);
  });
});
