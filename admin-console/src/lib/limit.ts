/** Lets so many calls run at once and the others wait their turn; one that is no longer wanted never starts. */
export function limiter(most: number) {
  let running = 0;
  const waiting: (() => void)[] = [];

  function next() {
    if (running >= most) return;
    const start = waiting.shift();
    if (start) start();
  }

  return function run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      waiting.push(() => {
        if (signal?.aborted) {
          reject(signal.reason);
          next();
          return;
        }
        running += 1;
        work()
          .then(resolve, reject)
          .finally(() => {
            running -= 1;
            next();
          });
      });
      next();
    });
  };
}
