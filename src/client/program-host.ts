import { openResumableLink } from '../link/resumable-link.ts';
import type { RexaError } from '../protocol/errors.ts';
import { openExecTransport } from '../transports/exec.ts';
import { checkSshUser, type ExecAddress, type SshAddress, sshWords } from '../transports/exec-address.ts';
import { createHost, type HostDefaults, type OpenHost, REXA_AGENT } from './host.ts';
import type { LinkCare } from './reconnection.ts';
import type { ConnectOptions } from './run-types.ts';

/** How a host behind a program is opened. */
interface ProgramHostOptions {
  readonly timeoutMs: number;
  readonly reconnection: LinkCare;
  readonly defaults?: HostDefaults | undefined;
  /** Whether the first program may ask a person for something, on the terminal. */
  readonly mayAsk: boolean;
  /** A program there has the screen. */
  readonly hasTerminal: boolean;
}

/**
 * Connects through the stdin and stdout of a program whose far end is `rexad --stdio`. A lost connection is replaced by that
 * of another program, which may ask nobody.
 * @throws RexaError as openExecTransport
 */
export async function openProgramHost(
  name: string,
  target: ExecAddress | SshAddress,
  options: ConnectOptions,
  { timeoutMs, reconnection, defaults, mayAsk: mayFirstAsk, hasTerminal }: ProgramHostOptions,
): Promise<OpenHost> {
  const log = options.log ?? (() => {});
  const warn = options.warn ?? log;
  const reportBehind = hasTerminal ? log : warn;

  async function dial(mayAsk: boolean, reportBefore: (line: string) => void) {
    const words = target.kind === 'ssh' ? sshWords(withUser(target, options.user), mayAsk) : target.words;
    log(`connecting through ${JSON.stringify(words)}`);
    return {
      transport: await openExecTransport({ words, shown: name, timeoutMs, reportBefore, reportBehind }),
    };
  }

  const first = await dial(mayFirstAsk, warn);
  const link = openResumableLink(first, REXA_AGENT, {
    ...reconnection,
    dial: () => dial(false, log),
    patienceMs: patienceWithPrograms,
  });
  return createHost(name, link, { defaults });
}

/** The user of its address counts before others. @throws RexaError ADDRESS_INVALID */
function withUser(address: SshAddress, user: string | undefined): SshAddress {
  if (address.user !== null || user === undefined) return address;
  checkSshUser(user, `${user}@ssh://${address.host}`);
  return { ...address, user };
}

/** What a program is, another one of the same words is too. */
function patienceWithPrograms({ code }: RexaError): number {
  return code === 'PROGRAM_NOT_STARTED' || code === 'PROGRAM_BANNER' ? 0 : Number.POSITIVE_INFINITY;
}
