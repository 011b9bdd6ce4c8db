import type { Koffi } from './koffi-types.ts';
import type { ChildEnd, SystemCalls } from './system-calls.ts';

const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
/** Of `si_code`: it ended by itself; all others were ended by a signal. */
const CLD_EXITED = 1;
/** A siginfo_t, in ints. */
const INFO_INTS = 32;

/** What of wait.h and siginfo_t differs by system: fields in ints. */
export interface WaitNumbers {
  readonly WNOWAIT: number;
  readonly si_code: number;
  readonly si_pid: number;
  readonly si_status: number;
}

/** Dead children through waitid(2). @throws Error when the C library lacks it */
export function openWaitCalls(
  koffi: Koffi,
  { WNOWAIT, si_code, si_pid, si_status }: WaitNumbers,
): Pick<SystemCalls, 'findDeadChild' | 'reapChild'> {
  const waitid = koffi.load(null).func('int waitid(int type, int id, int32_t *info, int options)') as (
    ...words: [type: number, id: number, info: Int32Array, options: number]
  ) => number;
  // The calls are synchronous, so what they fill can be shared
  const info = new Int32Array(INFO_INTS);

  /** @returns the pid that was found, 0 without one: the field is left alone when no child has ended */
  function wait(type: number, id: number, options: number): number {
    info[si_pid] = 0;
    return waitid(type, id, info, WEXITED | WNOHANG | options) === 0 ? (info[si_pid] ?? 0) : 0;
  }

  return {
    findDeadChild: () => wait(P_ALL, 0, WNOWAIT) || null,
    reapChild(pid): ChildEnd | null {
      if (wait(P_PID, pid, 0) === 0) return null;
      const status = info[si_status] ?? 0;
      return info[si_code] === CLD_EXITED
        ? { exitCode: status, signal: null }
        : { exitCode: null, signal: status };
    },
  };
}
