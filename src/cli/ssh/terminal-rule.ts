import type { SshSettings } from '../../config/ssh/settings.ts';

/** What decides whether a terminal is asked for. */
export interface TerminalQuestion {
  readonly requestTty: SshSettings['requestTty'];
  readonly sessionType: SshSettings['sessionType'];
  readonly stdinNull: boolean;
  readonly hasCommand: boolean;
  readonly isStdinTerminal: boolean;
}

/**
 * Whether a terminal is asked for, by the rules of ssh: a shell has one unless `-T` was given, a command only with
 * `-t`; neither where our stdin is none, unless `-tt` was given. `unfit`: it was asked for, and stdin is no terminal.
 */
export function decideTerminal(question: TerminalQuestion): 'terminal' | 'none' | 'unfit' {
  const { requestTty = 'auto', sessionType = 'default', stdinNull, hasCommand, isStdinTerminal } = question;
  if (requestTty === 'no' || sessionType === 'none') return 'none';
  if (requestTty === 'force') return 'terminal';
  const isWanted = requestTty === 'yes' || (sessionType === 'default' && !hasCommand);
  if (!isWanted) return 'none';
  return isStdinTerminal && !stdinNull ? 'terminal' : 'unfit';
}
