import { openBoundAgent } from '../auth/bound-agent.ts';
import { joinStream } from '../link/join-stream.ts';
import { RexaError } from '../protocol/errors.ts';
import { AGENT } from '../protocol/version.ts';
import type { CallChannel } from '../services/call.ts';
import type { ForwardingHost } from './forwarded-channels.ts';
import type { RunOptions } from './run-types.ts';

/** The right of one run to use an agent of this machine. */
interface AgentGrant {
  /** What its connections have to name. */
  readonly grant: string;
  /** Ends it; connections that are open end with the link, or with the run at the host. */
  revoke(): void;
}

/** Grants a run the agent that its options ask for; null: none. */
export function grantAgent({ link, forwarded }: ForwardingHost, options: RunOptions): AgentGrant | null {
  const { forwardAgent = false, handleAgentProblem: warn = () => undefined } = options;
  const socketPath = forwardAgent === true ? (process.env['SSH_AUTH_SOCK'] ?? '') : forwardAgent;
  if (socketPath === false || socketPath === '') return null;
  let isFirst = true;
  const grant = forwarded.grant(async (channel) => {
    const counts = isFirst;
    isFirst = false;
    await carryAgent(channel, socketPath, counts, warn);
  });
  void link.peer.then((peer) => {
    if (peer === null || peer.features.includes(AGENT)) return;
    warn(new RexaError('AGENT_NOT_FORWARDED', [`${peer.agent} cannot; update it`]).message);
  });
  return { grant, revoke: () => forwarded.revoke(grant) };
}

async function carryAgent(
  channel: CallChannel,
  socketPath: string,
  counts: boolean,
  warn: (sentence: string) => void,
): Promise<void> {
  try {
    const { socket, hiddenKeys } = await openBoundAgent(socketPath, counts, channel.ended);
    if (hiddenKeys > 0) warn(describeHidden(hiddenKeys));
    await joinStream(channel, socket);
  } catch (error) {
    const { message } = error as Error;
    channel.abort({ reset: message });
    warn(new RexaError('AGENT_NOT_FORWARDED', [message]).message);
  }
}

function describeHidden(count: number): string {
  return new RexaError('AGENT_KEYS_LIMITED', [count === 1 ? '1 key is' : `${count} keys are`]).message;
}
