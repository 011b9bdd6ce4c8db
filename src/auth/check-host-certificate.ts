import { RexaError } from '../protocol/errors.ts';
import type { Certificate } from './certificate.ts';
import { checkAuthority } from './check-certificate.ts';
import { isFieldAbout } from './known-host-field.ts';
import type { HostVerdict, KnownHost } from './known-hosts.ts';
import { isSameKey } from './public-key.ts';
import { matchesWildcards } from './wildcards.ts';

/**
 * Verifies the certificate of a host by the `@cert-authority` lines of known_hosts, as ssh does.
 * @param address as returned by `formatHostAddress`
 * @param report gets the reason why a certificate of an authority that is trusted for this host is refused
 * @param algorithms those that authorities may sign with; null: all that are accepted at all
 * @returns null where the certificate decides nothing, so that the host's key does
 */
export function checkHostCertificate(
  known: readonly KnownHost[],
  address: string,
  certificate: Certificate,
  nowSeconds: number,
  report: (problem: RexaError) => void,
  algorithms: readonly string[] | null = null,
): HostVerdict | null {
  const about = known.filter(
    (host) =>
      host.key !== null && isSameKey(host.key, certificate.authority) && isFieldAbout(host.address, address),
  );
  const revoked = about.find(({ marker }) => marker === 'revoked');
  if (revoked !== undefined) return { kind: 'revoked', by: revoked };
  if (!about.some(({ marker }) => marker === 'cert-authority')) return null;
  try {
    checkForHost(certificate, hostOf(address), nowSeconds, algorithms);
    return { kind: 'trusted', by: 'certificate' };
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    report(error);
    return null;
  }
}

/**
 * Validates a certificate for a host.
 * @param host its name; null: not compared with the certificate's principals
 * @throws RexaError AUTH_CERTIFICATE_REFUSED
 */
export function checkForHost(
  certificate: Certificate,
  host: string | null,
  nowSeconds: number,
  algorithms: readonly string[] | null = null,
): void {
  const { principals, critical } = certificate;
  const refuse = checkAuthority(certificate, 'host', nowSeconds, algorithms);
  if (critical[0] !== undefined) throw refuse(`it demands ${critical[0].name}, which no host can`);
  // As in ssh since 10.3: it would be for every host of its authority
  if (principals.length === 0) throw refuse('it names no host');
  if (host !== null && !principals.some((principal) => matchesWildcards(principal, host)))
    throw refuse(`it is for ${principals.join(', ')}, not for ${host}`);
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}
