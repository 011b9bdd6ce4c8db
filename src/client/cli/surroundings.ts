import { openHost } from '../connect.ts';
import { openStandardSink } from './byte-sink.ts';
import type { Messages } from './messages.ts';
import type { Surroundings } from './run-plan.ts';

/** The process itself. stdin is not touched before it is asked for. */
export function createSurroundings(messages: Messages): Surroundings {
  return {
    open: openHost,
    openStdin: () => process.stdin,
    stdout: openStandardSink(1),
    stderr: openStandardSink(2),
    signals: process,
    messages,
    openTerminal: async () => (await import('../terminal/local-terminal.ts')).openLocalTerminal(),
  };
}
