import type { Proof } from '../../auth/principal.ts';
import type { PeerProcess } from '../../link/peer-process.ts';
import { readProcess } from '../../process/system/process-table.ts';

/**
 * Watches the process at the other end of a connection.
 * @param proof with the pid as the kernel reports it (SO_PEERCRED)
 * @returns null where its end cannot be seen: no /proc, another user's with hidepid, or it has ended already
 */
export function watchPeerProcess(proof: Proof): PeerProcess | null {
  const pid = proof.kind === 'peer' ? proof.pid : null;
  const startTime = pid === null ? undefined : readProcess(pid)?.startTime;
  if (pid === null || startTime === undefined) return null;
  return {
    pid,
    isGone() {
      const entry = readProcess(pid);
      return entry === null || entry.isExiting || entry.startTime !== startTime;
    },
  };
}
