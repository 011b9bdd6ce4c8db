import { RexaError } from '../protocol/errors.ts';
import {
  type AttachFacts,
  attachText,
  LINK_ID_BYTES,
  LINK_SECRET_BYTES,
  type LinkClaim,
} from '../protocol/link-claim.ts';
import type { Transport } from './transport.ts';

/** The label under which TLS gives a secret of the connection (RFC 8446, 7.5); its context is the link's id. */
const EXPORTER_LABEL = 'EXPORTER-rexa-link-v1';

/** What a transport knows that both ends of it share, and nobody else. */
type SecretSource = Pick<Transport, 'exportSecret' | 'isOpen'>;

// Loaded when it is used: a program that only asks for help does not need it.
const crypto = () => process.getBuiltinModule('node:crypto');

export function createLinkId(): string {
  return crypto().randomBytes(LINK_ID_BYTES).toString('hex');
}

export function createNonce(): string {
  return crypto().randomBytes(LINK_SECRET_BYTES).toString('hex');
}

/** Completes a claim for a transport without a secret of its own: it gets one, and our pid, for a daemon on this machine. */
export function completeClaim({ exportSecret }: SecretSource, claim: LinkClaim): LinkClaim {
  return exportSecret === null ? { ...claim, secret: createNonce(), pid: process.pid } : claim;
}

/**
 * The secret that both ends of a connection know and nobody else, in hex.
 * @throws RexaError LINK_UNKNOWN when the transport has none and the hello none either, or the connection is gone: a login
 * takes its time to be judged
 */
export function secretOf({ exportSecret, isOpen }: SecretSource, { id, secret }: LinkClaim): string {
  if (!isOpen) throw new RexaError('LINK_UNKNOWN', [id, 'its connection is gone']);
  if (exportSecret !== null)
    return exportSecret(EXPORTER_LABEL, Buffer.from(id), LINK_SECRET_BYTES).toString('hex');
  if (secret !== undefined) return secret;
  throw new RexaError('LINK_UNKNOWN', [id, 'its hello has no secret']);
}

/** The proof that a link is ours: HMAC-SHA256 under its secret, in hex. */
export function proveLink(linkSecret: string, facts: AttachFacts): string {
  return crypto()
    .createHmac('sha256', Buffer.from(linkSecret, 'hex'))
    .update(attachText(facts))
    .digest('hex');
}

export function isProof(linkSecret: string, facts: AttachFacts, proof: string): boolean {
  return crypto().timingSafeEqual(
    Buffer.from(proof, 'hex'),
    Buffer.from(proveLink(linkSecret, facts), 'hex'),
  );
}
