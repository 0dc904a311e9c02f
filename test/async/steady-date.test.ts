import { describe, expect, it } from 'vitest';
import { SteadyDate } from '../../src/async/steady-date.ts';

const hourMs = 3600_000;

function machine() {
  const at = { dateMs: 1_700_000_000_000, awakeMs: 5_000, sleptMs: 0 };
  const clock = new SteadyDate({
    date: () => at.dateMs,
    monotonic: () => at.awakeMs,
    uptime: () => Math.floor((at.awakeMs + at.sleptMs) / 1000) * 1000,
  });
  return {
    clock,
    work: (ms: number) => {
      at.dateMs += ms;
      at.awakeMs += ms;
    },
    sleep: (ms: number) => {
      at.dateMs += ms;
      at.sleptMs += ms;
    },
    set: (ms: number) => {
      at.dateMs += ms;
    },
  };
}

describe('the steady date', () => {
  it('begins as the date, and goes on with the time', () => {
    const { clock, work } = machine();
    expect(clock.now()).toBe(1_700_000_000_000);
    work(250);
    expect(clock.now()).toBe(1_700_000_000_250);
  });

  it('does not move when the wall clock is set, forward or backward', () => {
    const { clock, work, set } = machine();
    for (const jumpMs of [24 * hourMs, -48 * hourMs]) {
      const before = clock.now();
      set(jumpMs);
      work(5_000);
      expect(clock.now()).toBe(before + 5_000);
    }
  });

  it('goes on while the machine sleeps', () => {
    const { clock, work, sleep } = machine();
    const before = clock.now();
    work(10_000);
    sleep(8 * hourMs);
    work(2_000);
    expect(Math.abs(clock.now() - before - 8 * hourMs - 12_000)).toBeLessThan(1_000);
  });

  it('never goes back, though the time since the start is told in whole seconds', () => {
    const { clock, work } = machine();
    let last = clock.now();
    for (let step = 0; step < 10_000; step++) {
      work(7 + (step % 13) * 100);
      expect(clock.now()).toBeGreaterThan(last);
      last = clock.now();
    }
  });
});
