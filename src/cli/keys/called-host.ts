import { formatHostAddress } from '../../auth/host-address.ts';
import { readHostName } from '../../client/host-name.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { TlsAddress } from '../../transports/tls-address.ts';
import { readHostOptions } from '../host/host-options.ts';
import { planHost } from '../host/host-plan.ts';
import type { KeysCall } from './call.ts';

/** A host over TLS, as it was called, and as it stands in known_hosts. */
export interface CalledHost {
  readonly target: TlsAddress;
  readonly known: string;
  readonly timeoutMs: number | undefined;
  /** Files of revoked host keys. */
  readonly revoked: readonly string[] | undefined;
}

/** @throws RexaError USAGE, ADDRESS_UNSUPPORTED for a host without a key, and as planHost */
export async function readCalledHost(
  { values, words, messages }: KeysCall,
  action: string,
): Promise<CalledHost> {
  const [called] = words;
  if (called === undefined) throw usageError(`a HOST is missing: rexa keys ${action} HOST`);
  const { address } = readHostName(called);
  const { connect } = await planHost(address, readHostOptions(values, null), messages);
  const { target, timeout, revokedHostKeys: revoked } = connect;
  if (target?.kind !== 'tls')
    throw new RexaError('ADDRESS_UNSUPPORTED', [called, 'only hosts over TLS have keys']);
  return { target, known: formatHostAddress(target.host, target.port), timeoutMs: timeout, revoked };
}
