import type { RunPeer } from '../../process/conduct/conduct-run.ts';

/** Signals that end what runs, which its client may do anyway. */
const ENDING_SIGNALS: readonly string[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGKILL'];

/**
 * The client of a forced command: it may end the command, and not steer it by other signals, which mean what the command
 * makes of them (a debugger's port, a reload). sshd passes none at all there.
 */
export function bindPeer(peer: RunPeer): RunPeer {
  return {
    ...peer,
    async nextMessage() {
      for (;;) {
        const message = await peer.nextMessage();
        if (message?.type !== 'signal' || ENDING_SIGNALS.includes(message.name)) return message;
      }
    },
  };
}
