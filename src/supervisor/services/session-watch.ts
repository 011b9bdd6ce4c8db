import type { CallChannel } from '../../services/call.ts';
import { readSessionWatchMessage, type SessionWatchEvent } from '../../services/sessions/watch-messages.ts';
import type { Sessions, SessionWatcher } from '../sessions/sessions.ts';

/** Tells a daemon what becomes of the sessions that it names, for its audit, until it closes the channel. */
export async function serveSessionWatch(channel: CallChannel, sessions: Sessions): Promise<void> {
  const tell = (event: SessionWatchEvent): void => channel.send(event);
  const watcher: SessionWatcher = {
    handleEnd: (mark, session) => tell({ type: 'end', mark, session }),
    handleRecordingFailed: (mark, reason) => tell({ type: 'recording-failed', mark, reason }),
  };
  tell({ type: 'watching' });
  for (let next = await channel.nextMessage(); next !== null; next = await channel.nextMessage())
    sessions.watch(readSessionWatchMessage(next).mark, watcher);
  sessions.unwatch(watcher);
}
