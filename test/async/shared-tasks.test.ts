import { describe, expect, it } from 'vitest';
import { SharedTasks, untilAborted } from '../../src/async/shared-tasks.ts';

/** A task that ends when it is told to, and hears when nobody waits any more. */
function openTask() {
  let resolve: (value: string) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const signals: AbortSignal[] = [];
  const start = (signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<string>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
  };
  return {
    start,
    signals,
    resolve: (value: string) => resolve(value),
    reject: (error: unknown) => reject(error),
  };
}

describe('a shared task', () => {
  it('runs once for all who ask while it runs, and again for who asks later', async () => {
    const tasks = new SharedTasks<string, string>();
    const task = openTask();
    const asked = [tasks.run('a', task.start), tasks.run('a', task.start), tasks.run('a', task.start)];
    expect(task.signals.length).toBe(1);
    task.resolve('one');
    expect(await Promise.all(asked)).toEqual(['one', 'one', 'one']);
    const again = tasks.run('a', task.start);
    expect(task.signals.length).toBe(2);
    task.resolve('two');
    expect(await again).toBe('two');
  });

  it('fails for all, and is not remembered', async () => {
    const tasks = new SharedTasks<string, string>();
    const task = openTask();
    const asked = Promise.allSettled([tasks.run('a', task.start), tasks.run('a', task.start)]);
    task.reject(new Error('no'));
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = tasks.run('a', task.start);
    task.resolve('yes');
    expect(await again).toBe('yes');
  });

  it('goes on while one still waits, and ends with the last who gives up', async () => {
    const tasks = new SharedTasks<string, string>();
    const task = openTask();
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [first, second].map(({ signal }) => tasks.run('a', task.start, signal));
    const outcomes = Promise.allSettled(asked);
    first.abort();
    await expect(asked[0]).rejects.toMatchObject({ code: 'aborted' });
    expect(task.signals[0]?.aborted).toBe(false);
    second.abort();
    await outcomes;
    expect(task.signals[0]?.aborted).toBe(true);
    const newcomer = tasks.run('a', task.start);
    expect(task.signals.length).toBe(2);
    task.resolve('fresh');
    expect(await newcomer).toBe('fresh');
  });

  it('is not begun for who has given up already', async () => {
    const tasks = new SharedTasks<string, string>();
    const task = openTask();
    await expect(tasks.run('a', task.start, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    expect(task.signals).toEqual([]);
  });
});

describe('waiting until aborted', () => {
  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    for (let count = 0; count < 50; count++) await untilAborted(Promise.resolve(count), signal);
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown) => warnings.push(warning);
    process.on('warning', onWarning);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
