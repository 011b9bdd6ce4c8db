import { usageError } from '../../../command-line/usage-error.ts';
import type { RunPlan } from '../run-plan.ts';
import { addressOf } from './address-of.ts';
import { joinAssignments, pickEnvironment } from './send-environment.ts';
import type { SshSettings } from './settings.ts';

/** What is done at the host. */
export type SshSession =
  | { readonly kind: 'run'; readonly plan: RunPlan }
  /** Nothing is run: `-N`. */
  | ({ readonly kind: 'stay' } & Pick<RunPlan, 'address' | 'user' | 'connectTimeoutMs'>);

/**
 * Puts together what the words ask for.
 * @param words of the command; joined by one space
 * @param timeoutMs of `--connect-timeout`, which goes before ConnectTimeout
 * @throws RexaError USAGE
 */
export function planSession(
  host: string,
  settings: SshSettings,
  words: readonly string[],
  timeoutMs: number | undefined,
): SshSession {
  const address = addressOf(host, settings);
  // As for ssh, 0 is none
  const connectTimeoutMs = timeoutMs ?? (settings.connectTimeoutMs || undefined);
  const { sessionType } = settings;
  const user = settings.user ?? null;
  if (sessionType === 'none') return { kind: 'stay', address, user, connectTimeoutMs };
  const command = readCommand(words.join(' '), settings);
  const isSubsystem = sessionType === 'subsystem';
  if (isSubsystem && command === null)
    throw usageError('the name of a subsystem is missing behind HOST: sftp');
  if (command === null && settings.forkAfterAuthentication === true) {
    throw usageError('a command is missing: without one there is nothing to do in the background');
  }
  if (command === null) {
    throw usageError(
      `a command is missing: terminals are not in this version of rexa; for a shell use rexa shell ${host} --line`,
    );
  }
  const plan: RunPlan = {
    address,
    user,
    file: command,
    args: [],
    options: {
      ...(isSubsystem ? { subsystem: true } : { shell: true }),
      encoding: 'binary',
      offeredEnv: pickEnvironment(settings.sendEnv ?? []),
      env: joinAssignments(settings.setEnv ?? []),
    },
    sendsStdin: settings.stdinNull !== true,
    keepsOutput: false,
    connectTimeoutMs,
  };
  return { kind: 'run', plan };
}

/** Nothing but empty words ask for a shell: null. */
function readCommand(line: string, { remoteCommand = null }: SshSettings): string | null {
  if (line === '') return remoteCommand;
  if (remoteCommand !== null)
    throw usageError('a command stands behind HOST, and RemoteCommand is another one');
  return line;
}
