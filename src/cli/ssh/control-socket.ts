import { askShare } from '../../client/share/join-connection.ts';
import type { ShareAnswer, ShareRequest } from '../../client/share/messages.ts';
import { usageError } from '../../command-line/usage-error.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { RexaError } from '../../protocol/errors.ts';
import { EXIT_DROP_IN_FAILED } from '../exit-status.ts';
import type { Messages } from '../output/messages.ts';
import { print } from '../output/print.ts';

/** What ssh can be told to do with a shared connection. */
const COMMANDS = ['check', 'forward', 'cancel', 'exit', 'stop'] as const;
type Command = (typeof COMMANDS)[number];

type ControlRequest = Exclude<ShareRequest, { ask: 'join' }>;

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
  const answered = await askAll(listRequests(command, settings), settings, messages, (answer) =>
    report(command, answer, messages),
  );
  return answered ? 0 : EXIT_DROP_IN_FAILED;
}

/**
 * Looks for a shared connection, as `-O proxy` does before its call.
 * @returns whether one is there; else it was said why not
 * @throws RexaError USAGE without a ControlPath
 */
export function checkShared(settings: SshSettings, messages: Messages): Promise<boolean> {
  return askAll([{ service: 'share', ask: 'check' }], settings, messages, async () => undefined);
}

async function askAll(
  requests: readonly ControlRequest[],
  { controlPath: path = 'none' }: SshSettings,
  messages: Messages,
  handle: (answer: ShareAnswer) => Promise<void>,
): Promise<boolean> {
  if (path.toLowerCase() === 'none') throw usageError('no ControlPath was specified for the -O command');
  try {
    for (const request of requests) await handle(await askShare(path, request));
    return true;
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    messages.fail(explain(path, error));
    return false;
  }
}

function listRequests(command: Command, settings: SshSettings): ControlRequest[] {
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

/** In ssh's words, which programs look for (ansible, VS Code). */
function explain(path: string, error: RexaError): string {
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `Control socket connect(${path}): No such file or directory`;
  if (code === 'ECONNREFUSED') return `Control socket connect(${path}): Connection refused`;
  return error.message;
}
