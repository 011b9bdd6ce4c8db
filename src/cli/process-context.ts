import type { HostOptions } from './host/host-plan.ts';
import { openCalledHost } from './host/open-called-host.ts';
import { reopenCalledHost } from './host/reopen-called-host.ts';
import type { Messages } from './output/messages.ts';
import { openStandardInput, openStandardSink } from './output/standard-streams.ts';
import type { ProcessContext } from './run/run-plan.ts';
import type { LocalTerminal } from './terminal/local-terminal.ts';

/** The process itself, and hosts by what the command line says of them. stdin is not touched before it is asked for. */
export function createProcessContext(messages: Messages, given: HostOptions): ProcessContext {
  let terminal: Promise<LocalTerminal> | null = null;
  return {
    open: (called, options) => openCalledHost(called, given, messages, options),
    reconnectForMs: given.reconnectForMs,
    reopen: (called, options) => reopenCalledHost(called, given, options),
    openStdin: openStandardInput,
    stdout: openStandardSink(1),
    stderr: openStandardSink(2),
    signals: process,
    messages,
    openTerminal() {
      terminal ??= import('./terminal/local-terminal.ts').then(({ openLocalTerminal }) =>
        openLocalTerminal(),
      );
      return terminal;
    },
  };
}
