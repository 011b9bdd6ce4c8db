import type { RexaError } from '../protocol/errors.ts';
import { type AgentPatience, listAgentKeys, signWithAgent } from './agent.ts';
import type { Identity } from './identity.ts';

/**
 * Lists the identities of an ssh-agent, in its order.
 * @param socketPath `$SSH_AUTH_SOCK`
 * @throws RexaError AGENT_* if the agent returns no list; `problems` has an error for each unusable key
 */
export async function listAgentIdentities(
  socketPath: string,
  patience: AgentPatience = {},
): Promise<{ readonly identities: Identity[]; readonly problems: RexaError[] }> {
  const { keys, problems } = await listAgentKeys(socketPath, patience);
  const identities = keys.map(
    ({ offered, comment }): Identity => ({
      offered,
      comment,
      source: 'ssh-agent',
      isLocked: () => false,
      unlock: async () => {},
      sign: (data) => signWithAgent(socketPath, offered, data, patience),
    }),
  );
  return { identities, problems };
}
