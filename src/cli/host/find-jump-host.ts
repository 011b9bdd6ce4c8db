import { readHostName } from '../../client/host-name.ts';

/** What is said of the host alone, and not of its jump hosts. */
const NOT_OF_JUMPS = {
  address: undefined,
  port: undefined,
  hostKeyAlias: undefined,
  sshConfig: undefined,
  similar: undefined,
  proxyCommand: undefined,
  share: null,
  jump: [],
  ofJumps: undefined,
};

/** Returns a jump host as it is opened: what the command line says of a login holds for it, too. */
export function findJumpHost<Given extends object>(named: string, given: Given) {
  const { address, user } = readHostName(named);
  return { named, called: address, given: { ...given, ...NOT_OF_JUMPS, user: user ?? undefined } };
}
