import { findClosestName } from '../../command-line/closest-name.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { conductRun } from './conduct-run.ts';
import { exitStatusOfDropIn } from './exit-status.ts';
import { readHostName } from './host-name.ts';
import { createMessages, type MessageOptions } from './messages.ts';
import type { ConductedRun, RunPlan } from './run-plan.ts';
import { createSurroundings } from './surroundings.ts';
import { COMMANDS } from './tables/program.ts';
import type { SSH_COMMAND } from './tables/ssh.ts';
import { tellOutcome } from './tell-outcome.ts';

type SshOptionTable = (typeof SSH_COMMAND)['options'];

/** `rexa ssh`, and `rexa HOST`: a shell line, bytes as they are, 255 for rexa's own failures. */
export async function run(parsed: ParsedWords<SshOptionTable>): Promise<number> {
  const { plan, messageOptions } = readSsh(parsed);
  const messages = createMessages(messageOptions);
  const ended = await conductRun(plan, createSurroundings(messages));
  tellOutcome(ended, plan, messages, { hasEncodingOption: false });
  const command = suggestCommand(plan.address, ended);
  if (command !== null) messages.fail(`if the command '${command}' was meant: rexa ${command}`);
  return exitStatusOfDropIn(ended.result, ended.cause);
}

/** @throws RexaError USAGE */
export function readSsh({ values, operands, rest }: ParsedWords<SshOptionTable>): {
  readonly plan: RunPlan;
  readonly messageOptions: MessageOptions;
} {
  const [host] = operands;
  if (host === undefined) throw usageError('a HOST is missing: rexa ssh HOST COMMAND...');
  if (rest === null || rest.length === 0) {
    throw usageError(
      `a command is missing: terminals are not in this version of rexa; for a shell use rexa shell ${host} --line`,
    );
  }
  const { address, user } = readHostName(host);
  const plan: RunPlan = {
    address,
    user: values.l ?? user,
    file: rest.join(' '),
    args: [],
    options: { shell: true, encoding: 'binary' },
    sendsStdin: !values.n,
    keepsOutput: false,
    connectTimeoutMs: values['connect-timeout'],
  };
  return { plan, messageOptions: values };
}

/** A host that cannot be reached and is called almost as a command is was probably meant for that. */
function suggestCommand(address: string, { result }: ConductedRun): string | null {
  return result.outcome === 'unreachable' ? findClosestName(address, Object.keys(COMMANDS)) : null;
}
