import type { OpenHost } from '../../client/host.ts';
import type { RemoteRun } from '../../client/run-types.ts';
import type { ProcessContext, TerminalPlan } from '../run/run-plan.ts';
import type { LocalTerminal } from './local-terminal.ts';

/** A run on a terminal of the host, and our own terminal. */
export interface TerminalSession {
  readonly run: RemoteRun<string | Uint8Array>;
  readonly host: OpenHost;
  readonly plan: TerminalPlan;
  readonly terminal: LocalTerminal;
  readonly around: ProcessContext;
}
