import { isStandardSignal } from '../../process/runner/signals.ts';
import { createAsyncQueue } from '../../runtime/async-queue.ts';
import type { CallChannel } from '../call.ts';
import type { Inbox } from '../service.ts';
import { type RunCommandMessage, readRunCommandMessage } from './messages.ts';

/** What the client of a run says, from its request on. */
export interface RunMessages extends Inbox {
  /** The run begins: what is said from here on is for its command. */
  begin(): void;
  /** The next message; null when no more can come. One that can't be understood is a `cancel`. */
  next(): Promise<RunCommandMessage | null>;
}

/** Signals that end a command which does not handle them (signal(7)): all standard ones but these. */
const ENDS_NOTHING = ['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'];

/** Whether a message is kept for a command that has not begun; all others end the wait for it. */
function isForLater(message: RunCommandMessage): boolean {
  if (message.type === 'signal')
    return ENDS_NOTHING.includes(message.name) || !isStandardSignal(message.name);
  return message.type === 'resize' || message.type === 'close-output' || message.type === 'consumed';
}

/** Reads the messages of a run's channel. */
export function followRunMessages(channel: CallChannel): RunMessages {
  const messages = createAsyncQueue<RunCommandMessage>();
  const withdrawn = Promise.withResolvers<void>();
  let state: 'waiting' | 'begun' | 'withdrawn' = 'waiting';

  async function follow(): Promise<void> {
    for (let next = await channel.nextMessage(); next !== null; next = await channel.nextMessage()) {
      const message = read(next);
      messages.push(message);
      // Whatever ends a command ends the wait for it: nothing was run
      if (state !== 'waiting' || isForLater(message)) continue;
      state = 'withdrawn';
      // Its turn may have come at this moment: then what follows is for the command
      withdrawn.resolve();
    }
    messages.end();
  }
  void follow();

  return {
    withdrawn: withdrawn.promise,
    reportWaiting: (running) => channel.send({ type: 'waiting', running }),
    begin() {
      if (state === 'waiting') state = 'begun';
    },
    next: messages.next,
  };
}

function read(message: Parameters<typeof readRunCommandMessage>[0]): RunCommandMessage {
  try {
    return readRunCommandMessage(message);
  } catch {
    return { type: 'cancel' };
  }
}
