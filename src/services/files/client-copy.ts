import type { Copy, CopyProgress, CopyResult } from './client-types.ts';

/** Milliseconds between two reports of progress. */
const PROGRESS_MS = 250;

/** Makes a copy of the promise of its result. */
export function makeCopy(result: Promise<CopyResult>, progress: () => CopyProgress): Copy {
  return Object.defineProperties(result, {
    progress: { get: progress },
    [Symbol.asyncIterator]: { value: () => iterateProgress(result, progress) },
  }) as Copy;
}

/** Ends with the copy, and throws its error. */
async function* iterateProgress(
  result: Promise<CopyResult>,
  progress: () => CopyProgress,
): AsyncGenerator<CopyProgress, void, void> {
  for (;;) {
    const pause = Promise.withResolvers<'pause'>();
    const timer = setTimeout(pause.resolve, PROGRESS_MS, 'pause');
    const next = await Promise.race([result, pause.promise]).finally(() => clearTimeout(timer));
    yield progress();
    if (next !== 'pause') return;
  }
}
