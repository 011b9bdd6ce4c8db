import { RexaError } from '../protocol/errors.ts';
import { type AddressRange, parseAddressRanges } from './address-list.ts';
import type { Certificate, CertificateOption } from './certificate.ts';
import { checkSignature, type RsaAlgorithm } from './signature.ts';
import { type Malformed, WireReader } from './wire-reader.ts';

/** More than for users' keys: the holder of a certificate does not choose the authority's algorithm. */
const AUTHORITY_ALGORITHMS: readonly RsaAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256'];

const FOREVER = 2n ** 64n - 1n;

/** The permissions that a certificate grants by default. */
const PERMITS: readonly string[] = [
  'permit-X11-forwarding',
  'permit-agent-forwarding',
  'permit-port-forwarding',
  'permit-pty',
  'permit-user-rc',
];

/** No permission that a certificate has by default (PROTOCOL.certkeys). */
const NO_TOUCH = 'no-touch-required';

/** The permissions and restrictions of a certificate. */
export interface CertificateRules {
  readonly command: string | null;
  readonly sources: readonly AddressRange[] | null;
  readonly permitPty: boolean;
  /** Whether the token of a FIDO key must attest a touch, and that it verified its user. */
  readonly needsTouch: boolean;
  readonly needsVerification: boolean;
  readonly permitAgentForwarding: boolean;
  readonly permitPortForwarding: boolean;
  /** It has none of the default permissions (`ssh-keygen -O clear`). */
  readonly restricted: boolean;
  /** Seconds since 1970; null if it does not expire. */
  readonly expiresAtSeconds: number | null;
}

/** The requirements on a user's certificate. */
export interface CertificateDemands {
  readonly nowSeconds: number;
  /** One of them must be among the certificate's principals. */
  readonly principals: readonly string[];
}

/**
 * Returns the rules of a certificate after validating it: signed by its authority (which the caller trusts), for a user,
 * currently valid, and for one of these principals.
 * @throws RexaError AUTH_CERTIFICATE_REFUSED
 */
export function checkCertificate(certificate: Certificate, demands: CertificateDemands): CertificateRules {
  const refuse = checkAuthority(certificate, 'user', demands.nowSeconds);
  checkPrincipals(certificate, demands.principals, refuse);
  const rules = { ...readCritical(certificate.critical, refuse), ...readExtensions(certificate, refuse) };
  if (rules.needsVerification && certificate.key.application === null)
    throw refuse('it demands that a token verified its user, and its key is not that of a token');
  return rules;
}

/**
 * Checks what holds for every certificate: signed by its authority (which the caller trusts), of this kind, and currently
 * valid.
 * @param algorithms those that its authority may have signed with; null: all that are accepted at all
 * @returns an error for whatever else is wrong with it
 * @throws RexaError AUTH_CERTIFICATE_REFUSED
 */
export function checkAuthority(
  certificate: Certificate,
  kind: Certificate['kind'],
  nowSeconds: number,
  algorithms: readonly string[] | null = null,
): Malformed {
  const refuse: Malformed = (reason) => refuseCertificate(certificate, reason);
  const { authority, signed, signature } = certificate;
  try {
    checkSignature(authority, signed, signature, { rsaAlgorithms: AUTHORITY_ALGORITHMS });
  } catch (cause) {
    if (!(cause instanceof RexaError)) throw cause;
    throw new RexaError('AUTH_CERTIFICATE_REFUSED', [
      certificate.keyId,
      certificate.serial,
      `its authority did not sign it: ${cause.message}`,
    ]);
  }
  const algorithm = new WireReader(signature, refuse).readText();
  if (algorithms?.includes(algorithm) === false)
    throw refuse(`its authority signed it with ${algorithm}, which CASignatureAlgorithms does not allow`);
  if (certificate.kind !== kind) throw refuse(`it is for a ${certificate.kind}, not for a ${kind}`);
  const now = BigInt(Math.floor(nowSeconds));
  if (now < certificate.validAfter) throw refuse('it is not valid yet');
  if (now >= certificate.validBefore) throw refuse('it has expired');
  return refuse;
}

/** Refuses a certificate without principals, which would be valid for all users. */
function checkPrincipals(certificate: Certificate, allowed: readonly string[], refuse: Malformed): void {
  const { principals } = certificate;
  if (principals.length === 0) throw refuse('it names no principal');
  if (!principals.some((principal) => principal !== '' && allowed.includes(principal))) {
    throw refuse(`none of its principals (${principals.join(', ')}) is allowed here`);
  }
}

function readCritical(
  options: readonly CertificateOption[],
  refuse: Malformed,
): Pick<CertificateRules, 'command' | 'sources' | 'needsVerification'> {
  let command: string | null = null;
  let sources: readonly AddressRange[] | null = null;
  let needsVerification = false;
  for (const option of options) {
    switch (option.name) {
      case 'force-command':
        command = readValue(option, refuse);
        break;
      case 'source-address':
        sources = readSources(readValue(option, refuse), refuse);
        break;
      case 'verify-required':
        needsVerification = true;
        break;
      default:
        throw refuse(`it demands ${option.name}, which is not known here`);
    }
  }
  return { command, sources, needsVerification };
}

function readSources(text: string, refuse: Malformed): readonly AddressRange[] {
  try {
    return parseAddressRanges(text);
  } catch (cause) {
    throw refuse(`its source-address is not valid: ${cause instanceof Error ? cause.message : ''}`);
  }
}

/** Parses the extensions; unknown ones are ignored, as specified. */
function readExtensions(
  { extensions, validBefore }: Certificate,
  refuse: Malformed,
): Omit<CertificateRules, 'command' | 'sources' | 'needsVerification'> {
  const granted = extensions.filter(({ name }) => PERMITS.includes(name));
  for (const { name, data } of granted) {
    if (data.length > 0) throw refuse(`its extension ${name} has a value where none belongs`);
  }
  const has = (wanted: string) => granted.some(({ name }) => name === wanted);
  return {
    permitPty: has('permit-pty'),
    needsTouch: !extensions.some(({ name }) => name === NO_TOUCH),
    permitAgentForwarding: has('permit-agent-forwarding'),
    permitPortForwarding: has('permit-port-forwarding'),
    restricted: granted.length === 0,
    expiresAtSeconds: validBefore === FOREVER ? null : Number(validBefore),
  };
}

/** Returns the value of an option: a string inside its data. */
function readValue({ data }: CertificateOption, refuse: Malformed): string {
  const reader = new WireReader(data, refuse);
  const value = reader.readText();
  reader.expectEnd();
  return value;
}

function refuseCertificate({ keyId, serial }: Certificate, reason: string): RexaError {
  return new RexaError('AUTH_CERTIFICATE_REFUSED', [keyId, serial, reason]);
}
