import { RexaError } from '../protocol/errors.ts';
import { isInRanges, matchesPatterns } from './address-list.ts';
import type { AuthorizedLine } from './authorized-line.ts';
import { type CertificateRules, checkCertificate } from './check-certificate.ts';
import { type Grant, makeGrant } from './grant.ts';
import { type IpAddress, parseIpAddress } from './ip-address.ts';
import type { KeyOptions } from './key-options.ts';
import { findLines, type LineIndex } from './line-index.ts';
import { findLoginObstacle } from './login-obstacle.ts';
import type { OfferedKey } from './offered-key.ts';
import { fingerprint } from './public-key.ts';
import { findRevocation, type Revocations } from './revocations.ts';

/** What the daemon knows about a client that logs in. */
export interface LoginFacts {
  /** The user that commands run as; the accepted principal of certificates if the line names none. */
  readonly account: string;
  /** The peer's IP address; null if there is none, and then no `from=` matches. */
  readonly address: string | null;
  readonly nowSeconds: number;
}

/** `problems` are for the log and must not be sent to the peer. */
export type Decision =
  | { readonly kind: 'granted'; readonly grant: Grant; readonly problems: readonly RexaError[] }
  | { readonly kind: 'refused'; readonly problems: readonly RexaError[] };

/**
 * Decides whether an offered key is admitted, and with which rights. As in sshd, the first line that has the key, or its
 * certificate's authority, and whose conditions are met decides. The caller asks again whenever the answer may have changed.
 * It does not verify possession of the key; `checkProof` does that, which is expensive and only for keys that are admitted.
 */
export function authorizeKey(
  files: readonly LineIndex[],
  revocations: Revocations,
  offered: OfferedKey,
  facts: LoginFacts,
): Decision {
  const revocation = findRevocation(revocations, offered);
  if (revocation !== null) {
    return {
      kind: 'refused',
      problems: [new RexaError('AUTH_KEY_REVOKED', [fingerprint(offered.key), revocation])],
    };
  }
  const wanted = offered.certificate?.authority ?? offered.key;
  const problems: RexaError[] = [];
  for (const line of findLines(files, wanted)) {
    try {
      return { kind: 'granted', grant: tryLine(line, offered, facts), problems };
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      problems.push(error);
    }
  }
  if (problems.length === 0) problems.push(new RexaError('AUTH_KEY_UNKNOWN', [fingerprint(wanted)]));
  return { kind: 'refused', problems };
}

/** @throws RexaError AUTH_LINE_UNUSABLE, AUTH_LINE_REFUSES, AUTH_CERTIFICATE_REFUSED, AUTH_COMMANDS_DIFFER */
function tryLine(line: AuthorizedLine, offered: OfferedKey, facts: LoginFacts): Grant {
  if (line.kind === 'unusable') throw line.problem;
  const { options, where } = line;
  const refuse = (reason: string) =>
    new RexaError('AUTH_LINE_REFUSES', [where, fingerprint(offered.key), reason]);
  const { certificate } = offered;
  if (options.certAuthority !== (certificate !== null)) {
    throw refuse(
      options.certAuthority
        ? 'it is an authority for certificates there, and no key to log in with'
        : 'it signed the certificate, but is not marked cert-authority there',
    );
  }
  const address = facts.address === null ? null : parseIpAddress(facts.address);
  checkConditions(options, address, facts.nowSeconds, refuse);
  if (options.verifyRequired && offered.key.application === null)
    throw refuse('it demands that a token verified its user, and the key is not that of a token');
  if (certificate === null) return makeGrant(line, offered, null);
  const principals = options.principals ?? [facts.account];
  const rules = checkCertificate(certificate, { nowSeconds: facts.nowSeconds, principals });
  checkSources(rules, address, refuse);
  return makeGrant(line, offered, rules);
}

function checkConditions(
  options: KeyOptions,
  address: IpAddress | null,
  nowSeconds: number,
  refuse: (reason: string) => RexaError,
): void {
  const obstacle = findLoginObstacle(options, nowSeconds);
  if (obstacle !== null) throw refuse(obstacle);
  if (options.from === null) return;
  if (address === null || !matchesPatterns(options.from, address)) {
    throw refuse(
      `${address?.text ?? 'this connection'} is not among its from= addresses (names are not looked up)`,
    );
  }
}

function checkSources(
  rules: CertificateRules,
  address: IpAddress | null,
  refuse: (reason: string) => RexaError,
): void {
  if (rules.sources === null) return;
  if (address === null || !isInRanges(rules.sources, address)) {
    throw refuse(`${address?.text ?? 'this connection'} is not among the certificate's source addresses`);
  }
}
