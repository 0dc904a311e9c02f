import { errnoOf } from './errno.ts';

/** Runs an operation and answers once: with its value, or with the errno of its failure. */
export type Answer = <T>(
  operation: string,
  path: string,
  task: () => T | Promise<T>,
  succeed: (value: T) => void,
  fail: (result: number) => void,
) => void;

/** @param onFailure told about every failed operation, ordinary ones ("no such file") too */
export function answering(onFailure: (operation: string, path: string, error: unknown) => void): Answer {
  return (operation, path, task, succeed, fail) => {
    Promise.resolve()
      .then(task)
      .then(succeed, (error: unknown) => {
        onFailure(operation, path, error);
        fail(errnoOf(error));
      });
  };
}
