import { askShare } from '../../client/share/join-connection.ts';
import type { ShareAnswer, ShareRequest } from '../../client/share/messages.ts';
import { usageError } from '../../command-line/usage-error.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { RexaError } from '../../protocol/errors.ts';
import { EXIT_DROP_IN_FAILED } from '../exit-status.ts';
import type { Messages } from '../output/messages.ts';
import { print } from '../output/print.ts';
import { describeUnshared } from '../share/describe-unshared.ts';

/** What ssh can be told to do with a shared connection. */
const COMMANDS = ['check', 'forward', 'cancel', 'exit', 'stop'] as const;
type Command = (typeof COMMANDS)[number];

/** What ssh says of the commands that ask nothing back. */
const DONE: Partial<Record<Command, string>> = {
  exit: 'Exit request sent.',
  stop: 'Stop listening request sent.',
};

/**
 * `-O`: controls the process that shares the connection at ControlPath.
 * @returns the exit status: 255 where none does, or what was asked for failed
 * @throws RexaError USAGE without a ControlPath, and for a command that there is not
 */
export async function control(word: string, settings: SshSettings, messages: Messages): Promise<number> {
  const command = COMMANDS.find((each) => each === word);
  if (command === undefined) throw usageError(`-O: unknown multiplex command '${word}'`);
  const path = requireControlPath(settings);
  try {
    for (const request of listRequests(command, settings))
      await report(command, await askShare(path, request), messages);
    return 0;
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    messages.fail(describeUnshared(path, error));
    return EXIT_DROP_IN_FAILED;
  }
}

/** @throws RexaError USAGE without a ControlPath */
export function requireControlPath({ controlPath: path = 'none' }: SshSettings): string {
  if (path.toLowerCase() === 'none') throw usageError('no ControlPath was specified for the -O command');
  return path;
}

function listRequests(command: Command, settings: SshSettings): Exclude<ShareRequest, { ask: 'join' }>[] {
  if (command !== 'forward' && command !== 'cancel') return [{ service: 'share', ask: command }];
  const { localForward = [], dynamicForward = [], remoteForward = [] } = settings;
  const specs = [...localForward, ...dynamicForward, ...remoteForward];
  return specs.map((spec) => ({ service: 'share', ask: command, spec }));
}

async function report(
  command: Command,
  { pid, allocatedPort }: ShareAnswer,
  messages: Messages,
): Promise<void> {
  if (allocatedPort !== undefined) await print(`${allocatedPort}\n`);
  const said = command === 'check' ? `Master running (pid=${pid})` : DONE[command];
  if (said !== undefined) messages.warn(said);
}
