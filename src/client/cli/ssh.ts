import { findClosestName } from '../../command-line/closest-name.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { conductRun } from './conduct-run.ts';
import { EXIT_STDOUT_CLOSED, exitStatusOfDropIn } from './exit-status.ts';
import type { ConductedRun, RunPlan } from './run-plan.ts';
import { addressOf } from './ssh/address-of.ts';
import { messagesOf } from './ssh/messages-of.ts';
import { printSettings } from './ssh/print-settings.ts';
import { type ResolvedWords, resolveWords } from './ssh/resolve.ts';
import { joinAssignments, pickEnvironment } from './ssh/send-environment.ts';
import { writeStandardOutput } from './standard-output.ts';
import { createSurroundings } from './surroundings.ts';
import { COMMANDS } from './tables/program.ts';
import type { SSH_COMMAND } from './tables/ssh.ts';
import { tellOutcome } from './tell-outcome.ts';

type SshWords = ParsedWords<(typeof SSH_COMMAND)['options']>;

/** `rexa ssh`, and `rexa HOST`: a shell line, bytes as they are, 255 for rexa's own failures. */
export async function run(parsed: SshWords): Promise<number> {
  const resolved = resolveWords(parsed.said);
  const { host, settings, remarks } = resolved;
  if (parsed.values.G) return print(printSettings(host, settings));
  refuseConfiguration(parsed.values.F.at(-1));
  const plan = planRun(parsed, resolved);
  const messages = messagesOf(parsed.values, settings, parsed.values.E.at(-1));
  for (const remark of remarks) messages.warn(remark);
  const ended = await conductRun(plan, createSurroundings(messages));
  tellOutcome(ended, plan, messages, { hasEncodingOption: false });
  const command = suggestCommand(host, ended);
  if (command !== null) messages.fail(`if the command '${command}' was meant: rexa ${command}`);
  return exitStatusOfDropIn(ended.result, ended.cause);
}

function refuseConfiguration(file: string | undefined): void {
  if (file !== undefined && file !== 'none') {
    throw usageError('-F is not in this version of rexa, but for none: there is no configuration yet');
  }
}

/** @throws RexaError USAGE */
export function planRun({ values, rest }: SshWords, { host, settings }: ResolvedWords): RunPlan {
  return {
    address: addressOf(host, settings),
    user: settings.user ?? null,
    file: readCommand(host, rest ?? [], settings.remoteCommand ?? null),
    args: [],
    options: {
      shell: true,
      encoding: 'binary',
      env: { ...pickEnvironment(settings.sendEnv ?? []), ...joinAssignments(settings.setEnv ?? []) },
    },
    sendsStdin: settings.stdinNull !== true,
    keepsOutput: false,
    // As for ssh, 0 is none
    connectTimeoutMs: values['connect-timeout'] ?? (settings.connectTimeoutMs || undefined),
  };
}

/** The words, joined by one space; nothing but empty ones ask for a shell. */
function readCommand(host: string, words: readonly string[], remoteCommand: string | null): string {
  const line = words.join(' ');
  if (line !== '' && remoteCommand !== null) {
    throw usageError('a command stands behind HOST, and RemoteCommand is another one');
  }
  const command = line === '' ? remoteCommand : line;
  if (command !== null) return command;
  throw usageError(
    `a command is missing: terminals are not in this version of rexa; for a shell use rexa shell ${host} --line`,
  );
}

async function print(text: string): Promise<number> {
  return (await writeStandardOutput(text)) ? 0 : EXIT_STDOUT_CLOSED;
}

/** A host that cannot be reached and is called almost as a command is was probably meant for that. */
function suggestCommand(host: string, { result }: ConductedRun): string | null {
  return result.outcome === 'unreachable' ? findClosestName(host, Object.keys(COMMANDS)) : null;
}
