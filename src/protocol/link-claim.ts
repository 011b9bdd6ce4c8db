import * as v from 'valibot';
import type { JsonObject } from './control.ts';
import { checkShape } from './shape.ts';
import { encodeUtf8 } from './text.ts';

/** Bytes of a link's id. */
export const LINK_ID_BYTES = 16;
/** Bytes of a link's secret, of a nonce, and of a proof. */
export const LINK_SECRET_BYTES = 32;

function hex(bytes: number) {
  return v.pipe(
    v.string(),
    v.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes in hex are expected`),
  );
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const epoch = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** The field `link` of a client's hello. */
export const linkClaimSchema = v.object({
  id: hex(LINK_ID_BYTES),
  epoch,
  secret: v.optional(hex(LINK_SECRET_BYTES)),
});

/** The link that a connection is for; docs/protocol.md, 8. */
export interface LinkClaim {
  /** Chosen by the client, at random; hex. */
  readonly id: string;
  /** Which connection of the link this is: 1 is its first, later ones are larger than all before. */
  readonly epoch: number;
  /** Of the connection, where the transport has no secret of its own; hex. */
  readonly secret?: string | undefined;
}

const challengeSchema = v.object({ nonce: hex(LINK_SECRET_BYTES) });
const attachSchema = v.object({ proof: hex(LINK_SECRET_BYTES), epoch, received: count, ageMs: count });
const attachedSchema = v.object({
  verdict: v.picklist(['attached', 'never-seen', 'forgotten']),
  received: count,
});

/** What a client says to carry a link on over a new connection. */
export interface Attach {
  /** HMAC-SHA256 under the link's secret over `attachText`; hex. */
  readonly proof: string;
  readonly epoch: number;
  /** Numbered frames that the client has of the daemon. */
  readonly received: number;
  /** For how long the link has been there, by the client's clocks, at this moment: after the challenge. */
  readonly ageMs: number;
}

/** What the daemon says to it. */
export interface Attached {
  /**
   * `attached`: it goes on. `never-seen`: nothing of it ever came here, so that all may be sent again. `forgotten`: it was
   * here or may have been, and is not any more.
   */
  readonly verdict: 'attached' | 'never-seen' | 'forgotten';
  /** Numbered frames that the daemon has of the client. */
  readonly received: number;
}

/** The daemon's nonce, in hex. @throws RexaError CONTROL_WRONG_SHAPE */
export function readChallenge(message: JsonObject): string {
  return checkShape(challengeSchema, message, 'challenge').nonce;
}

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readAttach(message: JsonObject): Attach {
  return checkShape(attachSchema, message, 'attach');
}

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readAttached(message: JsonObject): Attached {
  return checkShape(attachedSchema, message, 'attached');
}

/** What the proof of a re-attachment is about. */
export interface AttachFacts {
  readonly id: string;
  /** The secret of the new connection, in hex. */
  readonly connectionSecret: string;
  /** The daemon's nonce, in hex. */
  readonly nonce: string;
  readonly epoch: number;
  readonly received: number;
}

/** The bytes that the proof is an HMAC of: no two facts give the same, and no other message of ours is like it. */
export function attachText({ id, connectionSecret, nonce, epoch: which, received }: AttachFacts): Uint8Array {
  return encodeUtf8(`rexa-attach-v1\n${connectionSecret}\n${nonce}\n${id}\n${which}\n${received}\n`);
}
