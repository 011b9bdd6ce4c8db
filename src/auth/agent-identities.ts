import type { RexaError } from '../protocol/errors.ts';
import { type AgentPatience, listAgentKeys, signWithAgent } from './agent.ts';
import type { Identity } from './identity.ts';

/**
 * The identities that an ssh-agent holds, in its order.
 * @param socketPath `$SSH_AUTH_SOCK`
 * @throws RexaError AGENT_* when the agent gives no list at all; keys that can't be used are in `problems`
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
