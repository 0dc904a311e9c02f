/** The outcome of `task`, or what `instead` says, or throws, when `task` takes longer than `patienceMs`; leaves no timer behind. */
export function withPatience<T>(task: Promise<T>, patienceMs: number, instead: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(instead());
      } catch (error) {
        reject(error);
      }
    }, patienceMs);
    task.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
