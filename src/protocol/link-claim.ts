import * as v from 'valibot';
import type { JsonObject } from './control.ts';
import { checkShape } from './shape.ts';
import { encodeUtf8 } from './text.ts';

/** Size in bytes of a link's id. */
export const LINK_ID_BYTES = 16;
/** Size in bytes of a link's secret, of a nonce, and of a proof. */
export const LINK_SECRET_BYTES = 32;

function hex(bytes: number) {
  return v.pipe(
    v.string(),
    v.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes in hex are expected`),
  );
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const epoch = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/**
 * The field `link` of a client's hello.
 * @internal
 */
export const linkClaimSchema = v.object({
  id: hex(LINK_ID_BYTES),
  epoch,
  secret: v.optional(hex(LINK_SECRET_BYTES)),
  pid: v.optional(count),
});

/** The link that a client's hello names; docs/protocol.md, 8. */
export interface LinkClaim {
  /** Random, chosen by the client; hex. */
  readonly id: string;
  /** Connection counter of the link: 1 for its first connection, then increasing. */
  readonly epoch: number;
  /** Secret of the connection, if the transport provides none; hex. */
  readonly secret?: string | undefined;
  /** Of the client's process, where the daemon may be on the same machine. */
  readonly pid?: number | undefined;
}

const challengeSchema = v.object({ nonce: hex(LINK_SECRET_BYTES) });
const attachSchema = v.object({ proof: hex(LINK_SECRET_BYTES), epoch, received: count, ageMs: count });
const attachedSchema = v.object({
  verdict: v.picklist(['attached', 'never-seen', 'forgotten']),
  received: count,
});

/** A client's proof of ownership, with which it resumes a link on a new connection. */
export interface Attach {
  /** HMAC-SHA256 of `attachText` with the link's secret as key; hex. */
  readonly proof: string;
  readonly epoch: number;
  /** Count of numbered frames received from the daemon. */
  readonly received: number;
  /** Age of the link by the client's clocks, determined after the challenge. */
  readonly ageMs: number;
}

/** The daemon's answer. */
export interface Attached {
  /**
   * `attached`: the link continues. `never-seen`: nothing of it was ever received, so everything may be sent again.
   * `forgotten`: the daemon had the link, or may have had it, and does not have it any more.
   */
  readonly verdict: 'attached' | 'never-seen' | 'forgotten';
  /** Count of numbered frames received from the client. */
  readonly received: number;
}

/** Returns the daemon's nonce, in hex. @throws RexaError CONTROL_WRONG_SHAPE */
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

/** The values that the proof of a reattachment covers. */
export interface AttachFacts {
  readonly id: string;
  /** The secret of the new connection, in hex. */
  readonly connectionSecret: string;
  /** The daemon's nonce, in hex. */
  readonly nonce: string;
  readonly epoch: number;
  readonly received: number;
}

/** Returns the input of the HMAC: unambiguous, and distinct from every other message of the protocol. */
export function attachText({ id, connectionSecret, nonce, epoch: which, received }: AttachFacts): Uint8Array {
  return encodeUtf8(`rexa-attach-v1\n${connectionSecret}\n${nonce}\n${id}\n${which}\n${received}\n`);
}
