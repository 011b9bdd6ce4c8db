import { RexaError } from '../../protocol/errors.ts';
import type { ExecAddress, SshAddress } from '../../transports/exec-address.ts';

/** The error for an address at which a client can reach a daemon, and no daemon can listen. */
export function cannotListen({ kind }: ExecAddress | SshAddress): RexaError {
  return new RexaError('ADDRESS_UNSUPPORTED', [
    `${kind}:`,
    'a client starts rexad --stdio there; a daemon listens at local, unix:, tls://, ready://, talk:// or udp://',
  ]);
}
