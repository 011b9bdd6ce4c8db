import { checkHost, type HostVerdict, type KnownHost } from '../auth/known-hosts.ts';
import { fingerprint, type PublicKey } from '../auth/public-key.ts';
import type { RexaError } from '../protocol/errors.ts';
import { DEFAULT_TLS_PORT, type TlsAddress } from '../transports/tls-address.ts';
import type { ConnectOptions } from './run-types.ts';
import { chooseTrust, openHostTrust } from './tls/host-trust.ts';
import { believe } from './tls/trusted-connection.ts';

/**
 * Creates what decides on the keys of answers to probes: why a key is not the host's, or null. Each key is verified once,
 * however many answers come at a time.
 * @param warn is told of unusable lines, and of a host that was added
 */
export function createProbeVerifier(
  target: TlsAddress,
  options: ConnectOptions,
  warn: (line: string) => void,
): (key: PublicKey) => Promise<RexaError | null> {
  // An alias stands for all ports already
  const check = options.hostKeyAlias === undefined ? checkEveryPort : checkHost;
  const trust = openHostTrust(target, { ...chooseTrust(options, warn), check });
  const verdicts = new Map<string, Promise<RexaError | null>>();

  async function verify(key: PublicKey): Promise<RexaError | null> {
    const verdict = await trust.verify({ key, certificate: null });
    if (verdict.kind !== 'unknown' || options.acceptNew !== true) return trust.explain(verdict, key);
    await believe({ trust, warn }, key);
    return null;
  }

  return (key) => {
    const name = fingerprint(key);
    const verdict = verdicts.get(name) ?? verify(key);
    verdicts.set(name, verdict);
    return verdict;
  };
}

/**
 * Verifies a host key as `checkHost` does. Where the address is not known, the lines of the host with other ports count: the
 * daemon there may listen for logins on another one. A key that is revoked with any port is revoked.
 */
export function checkEveryPort(
  known: readonly KnownHost[],
  address: string,
  key: PublicKey,
  pin: string | null,
): HostVerdict {
  const own = checkHost(known, address, key, pin);
  if (pin !== null) return own;
  const others = listAddresses(known, address).map((each) => checkHost(known, each, key, null));
  const revoked = [own, ...others].find(({ kind }) => kind === 'revoked');
  if (revoked !== undefined) return revoked;
  if (own.kind !== 'unknown') return own;
  return others.find(({ kind }) => kind === 'trusted') ?? own;
}

/** Returns the addresses of a host with the default port, which a hashed line may have, and with the ports that lines show. */
function listAddresses(known: readonly KnownHost[], address: string): readonly string[] {
  const host = address.slice(0, address.lastIndexOf(':') + 1);
  // OpenSSH's notation has brackets around names too
  const prefixes = [host, `[${host.slice(0, -1)}]:`];
  const shown = known
    .flatMap((each) => each.address.toLowerCase().split(','))
    .flatMap((name) =>
      prefixes.filter((prefix) => name.startsWith(prefix)).map(({ length }) => name.slice(length)),
    );
  return [...new Set([`${DEFAULT_TLS_PORT}`, ...shown])].map((port) => `${host}${port}`);
}
