import { statSync } from 'node:fs';
import { openBoundAgent } from '../auth/bound-agent.ts';
import { joinStream, resetSocket } from '../link/join-stream.ts';
import { RexaError } from '../protocol/errors.ts';
import { AGENT } from '../protocol/version.ts';
import type { CallChannel } from '../services/call.ts';
import type { ForwardingHost } from './forwarded-channels.ts';
import type { RunOptions } from './run-types.ts';

/** The right of one run to use an agent of this machine. */
interface AgentGrant {
  /** What its connections have to name. */
  readonly grant: string;
  /** Ends it, and the connections that are open: the host is not trusted to end them. */
  revoke(): void;
}

/** Grants a run the agent that its options name; null: none, or nothing is there, which is not reported, as by ssh. */
export function grantAgent({ link, forwarded }: ForwardingHost, options: RunOptions): AgentGrant | null {
  const { forwardAgent: socketPath, handleAgentProblem = () => undefined } = options;
  if (typeof socketPath !== 'string' || !isSocket(socketPath)) return null;
  const revoked = Promise.withResolvers<void>();
  let isFirst = true;
  let isReported = false;
  /** Each connection would report the same. */
  const warn = (sentence: string): void => {
    if (!isReported) handleAgentProblem(sentence);
    isReported = true;
  };
  const grant = forwarded.grant(async (channel) => {
    const counts = isFirst;
    isFirst = false;
    await carryAgent(channel, { socketPath, counts, revoked: revoked.promise, warn });
  });
  void link.peer.then((peer) => {
    if (peer === null || peer.features.includes(AGENT)) return;
    warn(new RexaError('AGENT_NOT_FORWARDED', [`${peer.agent} cannot; update it`]).message);
  });
  return {
    grant,
    revoke() {
      forwarded.revoke(grant);
      revoked.resolve();
    },
  };
}

function isSocket(socketPath: string): boolean {
  try {
    return statSync(socketPath).isSocket();
  } catch {
    return false;
  }
}

interface Carriage {
  readonly socketPath: string;
  /** Whether to find out how many keys the host does not see. */
  readonly counts: boolean;
  readonly revoked: Promise<void>;
  readonly warn: (sentence: string) => void;
}

async function carryAgent(
  channel: CallChannel,
  { socketPath, counts, revoked, warn }: Carriage,
): Promise<void> {
  let isOver = false;
  const over = Promise.race([channel.ended, revoked]).then(() => {
    isOver = true;
  });
  try {
    const { socket, hiddenKeys } = await openBoundAgent(socketPath, counts, over);
    void over.then(() => resetSocket(socket));
    if (hiddenKeys > 0) warn(describeHidden(hiddenKeys));
    await joinStream(channel, socket);
  } catch (error) {
    const { message } = error as Error;
    channel.abort({ reset: message });
    if (!isOver) warn(new RexaError('AGENT_NOT_FORWARDED', [message]).message);
  }
}

function describeHidden(count: number): string {
  return new RexaError('AGENT_KEYS_LIMITED', [count === 1 ? '1 key is' : `${count} keys are`]).message;
}
