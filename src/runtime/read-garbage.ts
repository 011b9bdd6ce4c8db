import { READ_GARBAGE_BYTES } from './limits.ts';

/**
 * What is done about the memory of bytes that were read and are done with. V8 sees only the tiny objects that stand for
 * it, and lets 64 MiB and more of it pile up before it looks; a process that passes bulk through is then three times as
 * large as it need be. A look at the young objects alone, which costs well under a millisecond, gives it back.
 */
type Care = 'off' | 'asked' | ((options: { readonly type: 'minor' }) => void);

let care: Care = 'off';
let readBytes = 0;

/** For programs of our own; a library leaves the collector to the program it is in. */
export function limitReadGarbage(): void {
  if (care === 'off') care = 'asked';
}

/** Counts what was read into memory that nobody gives back. */
export function noteRead(bytes: number): void {
  if (care === 'off') return;
  readBytes += bytes;
  if (readBytes < READ_GARBAGE_BYTES) return;
  readBytes = 0;
  if (care === 'asked') care = findCollector();
  care({ type: 'minor' });
}

/** The collector is there under a flag only, which can be set while the process runs. */
function findCollector(): Exclude<Care, string> {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Exclude<Care, string>;
  // V8 takes compiled code only from a process with the same flags
  setFlagsFromString('--no-expose-gc');
  return collect;
}
