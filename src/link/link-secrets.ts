import type { Socket } from 'node:net';
import { RexaError } from '../protocol/errors.ts';
import {
  type AttachFacts,
  attachText,
  LINK_ID_BYTES,
  LINK_SECRET_BYTES,
  type LinkClaim,
} from '../protocol/link-claim.ts';

/** The label under which TLS gives a secret of the connection (RFC 8446, 7.5); its context is the link's id. */
const EXPORTER_LABEL = 'EXPORTER-rexa-link-v1';

/** The part of a TLS socket that is used here: node:tls is not loaded for sockets that have none of it. */
interface SecretSource {
  exportKeyingMaterial(bytes: number, label: string, context: Buffer): Buffer;
}

function hasSecret(socket: object): socket is SecretSource {
  return 'exportKeyingMaterial' in socket;
}

// Loaded when it is used: a program that only asks for help does not need it.
const crypto = () => process.getBuiltinModule('node:crypto');

export function createLinkId(): string {
  return crypto().randomBytes(LINK_ID_BYTES).toString('hex');
}

export function createNonce(): string {
  return crypto().randomBytes(LINK_SECRET_BYTES).toString('hex');
}

/** The claim with what its connection needs: a secret, where the transport has none. */
export function completeClaim(socket: Socket, claim: LinkClaim): LinkClaim {
  return hasSecret(socket) ? claim : { ...claim, secret: createNonce() };
}

/**
 * The secret that both ends of a connection know and nobody else, in hex.
 * @throws RexaError LINK_UNKNOWN when the transport has none and the hello none either, or the connection is gone: a login
 * takes its time to be judged
 */
export function secretOf(socket: Socket, { id, secret }: LinkClaim): string {
  if (socket.destroyed) throw new RexaError('LINK_UNKNOWN', [id, 'its connection is gone']);
  if (hasSecret(socket))
    return socket.exportKeyingMaterial(LINK_SECRET_BYTES, EXPORTER_LABEL, Buffer.from(id)).toString('hex');
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
