import { readOwnVariables, readOwnWord } from '../../client/own-charset.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { readForwardedAgent } from '../../config/ssh/read-paths.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { SocketPlace } from '../../protocol/socket-place.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { joinAssignments, pickEnvironment } from './send-environment.ts';
import { silenceLimitMs } from './silence-limit.ts';
import { decideTerminal } from './terminal-rule.ts';

/** What is done at the host. */
export type SshSession =
  | {
      readonly kind: 'run';
      readonly plan: RunPlan;
      /** A terminal would be asked for, were our stdin one. */
      readonly isUnfit: boolean;
    }
  /** Nothing is run: `-N`. */
  | ({ readonly kind: 'stay' } & StayPlan)
  /** stdin and stdout are a connection from the host: `-W`. */
  | ({ readonly kind: 'stdio'; readonly to: SocketPlace } & StayPlan);

/** How a host is called on which nothing is run. */
export type StayPlan = Pick<RunPlan, 'address' | 'user' | 'connectTimeoutMs'>;

/**
 * Puts together what the words ask for.
 * @param words of the command, as byte text (see `readByteText`); joined by one space
 * @param timeoutMs of `--connect-timeout`, which goes before ConnectTimeout
 * @param isStdinTerminal whether our own stdin is one
 * @throws RexaError USAGE
 */
export function planSession(
  host: string,
  settings: SshSettings,
  words: readonly string[],
  timeoutMs: number | undefined,
  isStdinTerminal: boolean,
): SshSession {
  const address = host;
  // As for ssh, 0 is none
  const connectTimeoutMs = timeoutMs ?? (settings.connectTimeoutMs || silentConnectMs(settings));
  const { sessionType } = settings;
  const user = settings.user ?? null;
  const { stdioForward: to } = settings;
  if (to !== undefined) return { kind: 'stdio', to, address, user, connectTimeoutMs };
  if (sessionType === 'none') return { kind: 'stay', address, user, connectTimeoutMs };
  const command = readCommand(words.join(' '), settings);
  const isSubsystem = sessionType === 'subsystem';
  if (isSubsystem && command === null)
    throw usageError('the name of a subsystem is missing after HOST: sftp');
  if (command === null && settings.forkAfterAuthentication === true) {
    throw usageError('a command is missing: -f needs one to run in the background');
  }
  const terminal = decideTerminal({
    requestTty: settings.requestTty,
    sessionType,
    stdinNull: settings.stdinNull === true,
    hasCommand: command !== null,
    isStdinTerminal,
  });
  // Without a terminal programs speak to programs: bytes are bytes
  const passesBytes = terminal !== 'terminal';
  const plan: RunPlan = {
    address,
    user,
    file: readOwnWord(command ?? '', passesBytes),
    args: [],
    options: {
      ...(isSubsystem ? { subsystem: true } : { shell: command === null ? 'login' : true }),
      ...(passesBytes ? { encoding: 'binary' } : {}),
      // As sshd does: wait for every process that holds the output
      heldPipes: 'wait',
      sshVariables: true,
      forwardAgent: readForwardedAgent(settings),
      offeredEnv: readOwnVariables(pickEnvironment(settings.sendEnv ?? []), passesBytes),
      env: readOwnVariables(joinAssignments(settings.setEnv ?? []), passesBytes),
    },
    sendsStdin: settings.stdinNull !== true,
    keepsOutput: false,
    connectTimeoutMs,
    ...(terminal === 'terminal'
      ? {
          terminal: {
            escape: settings.escapeChar,
            hasCommandLine: settings.enableEscapeCommandline,
          },
        }
      : {}),
  };
  return { kind: 'run', plan, isUnfit: terminal === 'unfit' };
}

/** A limit for a silent host bounds the wait for its first answer too, where it is shorter than the usual one. */
function silentConnectMs(settings: SshSettings): number | undefined {
  const limitMs = silenceLimitMs(settings);
  return limitMs !== null && limitMs < DEFAULT_CONNECT_TIMEOUT_MS ? limitMs : undefined;
}

/** Nothing but empty words ask for a shell: null. */
function readCommand(line: string, { remoteCommand = null }: SshSettings): string | null {
  if (line === '') return remoteCommand;
  if (remoteCommand !== null) throw usageError('both a command and RemoteCommand were given');
  return line;
}
