import { RexaError } from '../protocol/errors.ts';
import type { AuthorizedLine } from './authorized-line.ts';
import type { CertificateRules } from './check-certificate.ts';
import type { KeyOptions } from './key-options.ts';
import type { OfferedKey } from './offered-key.ts';
import { fingerprint } from './public-key.ts';
import type { TokenDemands } from './signature.ts';

/** Options of a line that a grant does not keep as they are. */
type SettledOption =
  | 'certAuthority'
  | 'principals'
  | 'from'
  | 'permitPortForwarding'
  | 'touchRequired'
  | 'verifyRequired';

/** The rights of an authenticated key. */
export interface Grant extends Omit<KeyOptions, SettledOption> {
  /** The key's fingerprint. */
  readonly fingerprint: string;
  /** The comment of the line; untrusted text. */
  readonly comment: string;
  /** The line that grants it: `FILE:LINE`. */
  readonly where: string;
  readonly certificate: GrantingCertificate | null;
  readonly permitPortForwarding: boolean;
  /** What the token of a FIDO key must attest. */
  readonly token: TokenDemands;
}

/** The certificate with which a key was accepted; untrusted text. */
export interface GrantingCertificate {
  readonly keyId: string;
  readonly serial: bigint;
  readonly authorityFingerprint: string;
}

/**
 * Returns the rights that a line of authorized_keys and a certificate, if any, grant together: never more than either alone.
 * @throws RexaError AUTH_COMMANDS_DIFFER if both force a command and these differ
 */
export function makeGrant(
  {
    where,
    options,
    comment,
  }: Pick<Extract<AuthorizedLine, { kind: 'key' }>, 'where' | 'options' | 'comment'>,
  { key, certificate }: OfferedKey,
  rules: CertificateRules | null,
): Grant {
  const command = chooseCommand(options, rules, where);
  // A forced command says all that a key is for: beside it, only what is named is forwarded
  const isNamed = command === null || options.permitPortForwarding !== null;
  return {
    fingerprint: fingerprint(key),
    comment,
    where,
    certificate:
      certificate === null
        ? null
        : {
            keyId: certificate.keyId,
            serial: certificate.serial,
            authorityFingerprint: fingerprint(certificate.authority),
          },
    command,
    environment: options.environment,
    restricted: options.restricted || (rules?.restricted ?? false),
    permitPty: options.permitPty && (rules?.permitPty ?? true),
    permitAgentForwarding: options.permitAgentForwarding && (rules?.permitAgentForwarding ?? true),
    permitPortForwarding: (options.permitPortForwarding ?? true) && (rules?.permitPortForwarding ?? true),
    permitOpen: options.permitOpen ?? (isNamed ? null : []),
    permitListen: options.permitListen ?? (isNamed ? null : []),
    files: options.files,
    sessions: options.sessions,
    token: {
      touch: options.touchRequired || (rules?.needsTouch ?? false),
      verification: options.verifyRequired || (rules?.needsVerification ?? false),
    },
    expiresAtSeconds: earliest(options.expiresAtSeconds, rules?.expiresAtSeconds ?? null),
  };
}

function chooseCommand(options: KeyOptions, rules: CertificateRules | null, where: string): string | null {
  const demanded = rules?.command ?? null;
  if (options.command !== null && demanded !== null && options.command !== demanded) {
    throw new RexaError('AUTH_COMMANDS_DIFFER', [where]);
  }
  return options.command ?? demanded;
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
