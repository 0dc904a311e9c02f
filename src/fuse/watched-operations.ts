import type { Operations } from './binding/operations.ts';

/** One request of the kernel, and what it was answered. */
export interface AnsweredOperation {
  readonly operation: string;
  /** As the operation got them, the path first: buffers too, which hold no bytes any more once it is over. */
  readonly args: readonly unknown[];
  /** 0 or a count of bytes, or a negative errno. */
  readonly result: number;
  readonly tookMs: number;
}

interface OperationWatch {
  /** It came in; for each a call of `onAnswered` follows. */
  onBegun?(): void;
  /** Called before the program that waits has its answer: what it looks up then is there. */
  onAnswered(answered: AnsweredOperation): void;
}

type AnyOperation = (...args: readonly unknown[]) => void;
type AnyDone = (result: number, ...values: readonly unknown[]) => void;

/** The same operations, each of them seen. Where nobody watches, nobody calls this: then it costs nothing. */
export function watchedOperations(operations: Operations, watch: OperationWatch): Operations {
  const watched = Object.entries(operations).map(([name, operation]) => [
    name,
    watchedOperation(name, operation as AnyOperation, watch),
  ]);
  return Object.fromEntries(watched) as Operations;
}

/** Each operation of the table has its callback last. */
function watchedOperation(operation: string, run: AnyOperation, watch: OperationWatch): AnyOperation {
  return (...given) => {
    const args = given.slice(0, -1);
    const done = given.at(-1) as AnyDone;
    const begunAtMs = performance.now();
    watch.onBegun?.();
    run(...args, (result: number, ...values: readonly unknown[]) => {
      watch.onAnswered({ operation, args, result, tookMs: performance.now() - begunAtMs });
      done(result, ...values);
    });
  };
}
