import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Contact } from '../../src/disk-api/contact.ts';
import { Failure } from '../../src/errors.ts';

const noNetwork = () => new Failure('offline', 'No connection');

describe('whether the Disk is within reach', () => {
  let outcome: () => Promise<unknown>;
  let probes: number;
  let contact: Contact;

  beforeEach(() => {
    vi.useFakeTimers();
    probes = 0;
    outcome = () => Promise.reject(noNetwork());
    contact = new Contact({
      probe: () => {
        probes++;
        return outcome();
      },
    });
  });

  afterEach(() => {
    contact.close();
    vi.useRealTimers();
  });

  async function lose(): Promise<void> {
    contact.noteFailure(noNetwork());
    await vi.advanceTimersByTimeAsync(3_100);
    expect(contact.isAway).toBe(true);
  }

  it('is not doubted for what says nothing of the network', async () => {
    contact.noteFailure(new Failure('server', 'Broken'));
    contact.noteFailure(new Failure('login-needed', 'Who are you?'));
    contact.noteFailure(new Error('A bug'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect({ probes, isAway: contact.isAway }).toEqual({ probes: 0, isAway: false });
  });

  it('is not given up for a hiccup: what is answered in between ends the doubt without a request', async () => {
    for (let hiccups = 0; hiccups < 20; hiccups++) {
      contact.noteFailure(noNetwork());
      await vi.advanceTimersByTimeAsync(400);
      contact.noteAnswer();
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect({ probes, isAway: contact.isAway }).toEqual({ probes: 0, isAway: false });
  });

  it('is given up after some seconds in which nothing came through, and told to all who ask, without a request for each', async () => {
    await lose();
    expect(probes).toBe(2);
    for (let asked = 0; asked < 100; asked++)
      await expect(contact.check()).rejects.toMatchObject({ code: 'offline', message: 'No connection' });
    expect(probes).toBe(2);
  });

  it('is looked for ever more rarely, and never not at all', async () => {
    await lose();
    await vi.advanceTimersByTimeAsync(60_000);
    const first = probes;
    expect(first).toBeLessThanOrEqual(10);
    await vi.advanceTimersByTimeAsync(3600_000);
    expect(probes - first).toBe(360);
  });

  it('is back with the first answer to a probe, a refusal too, and all are told once', async () => {
    for (const answer of [
      () => Promise.resolve(),
      () => Promise.reject(new Failure('login-needed', 'Who are you?')),
    ]) {
      outcome = () => Promise.reject(noNetwork());
      await lose();
      let told = 0;
      const forget = contact.onBack(() => told++);
      const waited = contact.untilBack(new AbortController().signal);
      outcome = answer;
      await vi.advanceTimersByTimeAsync(10_000);
      await waited;
      expect({ isAway: contact.isAway, told }).toEqual({ isAway: false, told: 1 });
      await contact.check();
      forget();
    }
  });

  it('is looked for at once for somebody who asks when it was not looked for just now', async () => {
    await lose();
    await vi.advanceTimersByTimeAsync(20_000);
    const before = probes;
    await vi.advanceTimersByTimeAsync(1_500);
    outcome = () => Promise.resolve();
    expect(probes).toBe(before);
    await contact.check();
    expect(contact.isAway).toBe(false);
  });

  it('does not keep anybody who asks waiting for a probe that nobody answers', async () => {
    await lose();
    await vi.advanceTimersByTimeAsync(1_500);
    outcome = () => new Promise(() => {});
    const asked = [contact.check(), contact.check()].map((check) =>
      check.catch((error: Failure) => error.code),
    );
    await vi.advanceTimersByTimeAsync(400);
    expect(await Promise.all(asked)).toEqual(['offline', 'offline']);
  });

  it('lets nobody wait for an answer any longer once it is known to be away', async () => {
    const signals: AbortSignal[] = [];
    const ask = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signals.push(signal);
        signal.addEventListener('abort', () => reject(new Failure('aborted', 'Given up')));
      });
    const leaving = new AbortController();
    const [left, waited] = [leaving.signal, undefined].map((signal) =>
      contact.whileInReach(ask, signal).catch((error: Failure) => error.code),
    );
    leaving.abort();
    expect(await left).toBe('aborted');
    await lose();
    expect(await waited).toBe('offline');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    const gone = contact.whileInReach(ask, AbortSignal.abort()).catch((error: Failure) => error.code);
    signals[2]?.dispatchEvent(new Event('abort'));
    expect(await gone).toBe('aborted');
  });

  it('tells those whose wait it has ended that it was away, also when it is back before they hear it', async () => {
    const ask = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () =>
          queueMicrotask(() => {
            contact.noteAnswer();
            reject(new Failure('aborted', 'Given up'));
          }),
        );
      });
    const waited = contact.whileInReach(ask, undefined).catch((error: Failure) => error.code);
    contact.noteFailure(noNetwork());
    await vi.advanceTimersByTimeAsync(3_100);
    expect({ code: await waited, isAway: contact.isAway }).toEqual({ code: 'offline', isAway: false });
  });

  it('lets nobody begin to wait who comes when it is known to be away', async () => {
    await lose();
    const ask = vi.fn(() => new Promise<never>(() => {}));
    expect(await contact.whileInReach(ask, undefined).catch((error: Failure) => error.code)).toBe('offline');
    expect(ask).not.toHaveBeenCalled();
  });

  it('lets go of those who wait for it when they give up', async () => {
    await lose();
    const leaving = new AbortController();
    const waited = contact.untilBack(leaving.signal);
    leaving.abort();
    await waited;
    expect(contact.isAway).toBe(true);
  });

  it('is looked for by nobody once the client is closed', async () => {
    await lose();
    contact.close();
    const before = probes;
    await vi.advanceTimersByTimeAsync(3600_000);
    expect(probes).toBe(before);
  });
});
