import { RexaError } from '../protocol/errors.ts';
import type { AuthorizedLine } from './authorized-line.ts';
import type { CertificateRules } from './check-certificate.ts';
import type { ForwardTarget } from './forward-target.ts';
import type { KeyOptions } from './key-options.ts';
import type { OfferedKey } from './offered-key.ts';
import { fingerprint } from './public-key.ts';

/** What a proven key may do. */
export interface Grant {
  /** The key's fingerprint. */
  readonly fingerprint: string;
  /** What the line says of its key behind it; text from elsewhere. */
  readonly comment: string;
  /** The line that grants it: `FILE:LINE`. */
  readonly where: string;
  readonly certificate: GrantingCertificate | null;
  /** Runs in place of whatever is asked for; an empty one is one too. Null: what is asked for. */
  readonly command: string | null;
  /** Of `environment=`; to be filtered like a client's. */
  readonly environment: ReadonlyMap<string, string>;
  /** Whatever goes beyond running a command is refused unless something here grants it by name. */
  readonly restricted: boolean;
  readonly permitPty: boolean;
  readonly permitPortForwarding: boolean;
  /** Null: anywhere, where port forwarding is permitted at all. */
  readonly permitOpen: readonly ForwardTarget[] | null;
  readonly permitListen: readonly ForwardTarget[] | null;
  /** Seconds since 1970: from then on the key is to be asked about again. Null: never. */
  readonly expiresAtSeconds: number | null;
}

/** Of the certificate that a key was accepted by; all of it is text from elsewhere. */
export interface GrantingCertificate {
  readonly keyId: string;
  readonly serial: bigint;
  readonly authorityFingerprint: string;
}

/**
 * What a line of authorized_keys and, if there is one, a certificate grant together: never more than either.
 * @throws RexaError AUTH_CERTIFICATE_REFUSED when both force a command and not the same
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
    command: chooseCommand(options, rules, where),
    environment: options.environment,
    restricted: options.restricted || (rules?.restricted ?? false),
    permitPty: options.permitPty && (rules?.permitPty ?? true),
    permitPortForwarding: options.permitPortForwarding && (rules?.permitPortForwarding ?? true),
    permitOpen: options.permitOpen,
    permitListen: options.permitListen,
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
