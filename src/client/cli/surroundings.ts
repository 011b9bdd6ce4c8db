import { openHost } from '../connect.ts';
import { openStandardSink } from './byte-sink.ts';
import { createConnectionLine } from './connection-line.ts';
import type { Messages } from './messages.ts';
import type { Surroundings } from './run-plan.ts';

/**
 * The process itself. stdin is not touched before it is asked for.
 * @param reconnectForMs how long a lost connection is looked for again, if that was said
 */
export function createSurroundings(messages: Messages, reconnectForMs?: number): Surroundings {
  const { handleStatus } = createConnectionLine(process.stderr, messages.isQuiet);
  return {
    open: (address, options) =>
      openHost(address, {
        ...options,
        handleStatus,
        ...(reconnectForMs === undefined ? {} : { reconnectFor: reconnectForMs }),
      }),
    openStdin: () => process.stdin,
    stdout: openStandardSink(1),
    stderr: openStandardSink(2),
    signals: process,
    messages,
    openTerminal: async () => (await import('../terminal/local-terminal.ts')).openLocalTerminal(),
  };
}
