import type { CallChannel } from '../../services/call.ts';
import { readSessionWatchMessage, type SessionWatchEvent } from '../../services/sessions/watch-messages.ts';
import type { Sessions, SessionWatcher } from '../sessions/sessions.ts';
import type { Terminals } from '../terminals/terminals.ts';

/** Tells a daemon what becomes of the sessions and terminals that it names, for its audit, until it closes the channel. */
export async function serveSessionWatch(
  channel: CallChannel,
  sessions: Sessions,
  terminals: Terminals,
): Promise<void> {
  const tell = (event: SessionWatchEvent): void => channel.send(event);
  const watcher: SessionWatcher = {
    handleEnd: (mark, session) => tell({ type: 'end', mark, session, outcome: session?.outcome ?? null }),
    handleRecordingFailed: (mark, reason) => tell({ type: 'recording-failed', mark, reason }),
  };
  tell({ type: 'watching' });
  for (let next = await channel.nextMessage(); next !== null; next = await channel.nextMessage()) {
    const { mark } = readSessionWatchMessage(next);
    const terminal = terminals.find(mark);
    if (terminal === null) sessions.watch(mark, watcher);
    else void terminal.then((outcome) => tell({ type: 'end', mark, session: null, outcome }));
  }
  sessions.unwatch(watcher);
}
