import type { RemoteRun, RunResult } from './run-types.ts';

type Result = RunResult<string | Uint8Array>;
type Run = RemoteRun<string | Uint8Array>;

/**
 * Adds the members of a run to the promise of its result. A caller that abandons the run says that its outcome does not
 * matter: the rejection counts as handled from then on, and still reaches whoever awaits the run.
 */
export function makeRun(promise: Promise<Result>, members: Omit<Run, keyof Promise<Result>>): Run {
  return Object.assign(promise, members, {
    abandon() {
      promise.catch(() => undefined);
      members.abandon();
    },
  });
}
