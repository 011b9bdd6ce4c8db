import type { LinkChannel } from '../../link/channel.ts';
import type { JsonObject } from '../../protocol/control.ts';
import type { JobOutcome } from '../../protocol/job.ts';
import type { AskedSupervisor } from '../jobs/asked-supervisor.ts';
import { readSessionWatchEvent, type SessionWatchEvent } from './watch-messages.ts';

/** What a daemon hears of the ends of sessions, which may outlive it. */
export interface SessionEnds {
  /**
   * Waits for the end of a session.
   * @param mark of the session, which a daemon has made: the id comes from the client
   * @param handleRecordingFailed called once, with the reason, if it goes on without being recorded
   * @returns its outcome; null: the supervisor does not know it, or is gone and all its sessions with it. Never
   *   settles where this daemon hears of it no more, but the next one may
   */
  wait(mark: string, handleRecordingFailed?: (reason: string) => void): Promise<JobOutcome | null>;
}

interface Waiter {
  readonly mark: string;
  readonly end: (outcome: JobOutcome | null) => void;
  readonly failRecording: (reason: string) => void;
}

/**
 * Creates what waits for the ends of sessions: on one channel to the supervisor, which is open while somebody waits.
 * @param released resolves when the daemon leaves sessions to the supervisor
 */
export function createSessionEnds(supervisor: AskedSupervisor, released: Promise<unknown>): SessionEnds {
  const waiters = new Set<Waiter>();
  let watch: Promise<LinkChannel | null> | null = null;
  let state: 'waiting' | 'left' = 'waiting';
  void released.then(() => {
    state = 'left';
  });

  /** @returns null: the supervisor is of a version that does not tell, or cannot be reached: the next daemon asks again */
  async function open(): Promise<LinkChannel | null> {
    try {
      const answer = await supervisor.open({ service: 'session-watch' }, { receive: [] });
      if (answer.kind === 'closed') return null;
      const { channel } = answer;
      const own = watch;
      channel.takeMessages((message) => handleEvent(channel, message));
      void channel.ended.then(() => {
        if (watch === own) handleLost();
      });
      return channel;
    } catch {
      watch = null;
      return null;
    }
  }

  function handleEvent(channel: LinkChannel, message: JsonObject): void {
    const event = readEvent(message);
    if (event === null || event.type === 'watching') return;
    const told = [...waiters].filter(({ mark }) => mark === event.mark);
    if (event.type === 'recording-failed') {
      for (const { failRecording } of told) failRecording(event.reason);
      return;
    }
    for (const waiter of told) waiters.delete(waiter);
    if (waiters.size === 0) {
      watch = null;
      channel.close({});
    }
    for (const { end } of told) end(event.outcome ?? event.session?.outcome ?? null);
  }

  /** A supervisor that leaves has told of all ends before. */
  function handleLost(): void {
    watch = null;
    if (state === 'left') return;
    const lost = [...waiters];
    waiters.clear();
    for (const { end } of lost) end(null);
  }

  return {
    async wait(mark, failRecording = () => undefined) {
      const { promise, resolve: end } = Promise.withResolvers<JobOutcome | null>();
      waiters.add({ mark, end, failRecording });
      watch ??= open();
      (await watch)?.send({ type: 'watch', mark });
      return promise;
    },
  };
}

/** @returns null: it is of another version, and is passed over: nobody catches what a handler of messages throws */
function readEvent(message: JsonObject): SessionWatchEvent | null {
  try {
    return readSessionWatchEvent(message);
  } catch {
    return null;
  }
}
