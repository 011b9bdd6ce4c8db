import { RexaError } from '../protocol/errors.ts';
import { MAX_AGENT_KEYS } from './limits.ts';
import { type OfferedKey, readOfferedKey } from './offered-key.ts';
import type { KeyMaterial } from './public-key.ts';
import { type Malformed, WireReader } from './wire-reader.ts';
import { wireString, wireU32 } from './wire-writer.ts';

/** Message numbers of the agent's protocol (draft-ietf-sshm-ssh-agent, section 6.1). */
const MESSAGE = {
  failure: 5,
  requestIdentities: 11,
  identitiesAnswer: 12,
  signRequest: 13,
  signResponse: 14,
  extension: 27,
} as const;

/** Flag of a sign request: use rsa-sha2-512 with an RSA key. */
const FLAG_RSA_SHA2_512 = 4;

/** A key listed by an agent. */
export interface AgentKey {
  readonly offered: OfferedKey;
  readonly comment: string;
}

export function makeListRequest(): Buffer {
  return frame(Buffer.of(MESSAGE.requestIdentities));
}

/** Encodes a request for a signature by the key with this blob; by RSA keys with rsa-sha2-512. */
export function makeSignRequest(blob: Uint8Array, family: KeyMaterial['family'], data: Uint8Array): Buffer {
  const flags = family === 'rsa' ? FLAG_RSA_SHA2_512 : 0;
  return frame(
    Buffer.concat([Buffer.of(MESSAGE.signRequest), wireString(blob), wireString(data), wireU32(flags)]),
  );
}

/**
 * Encodes what binds a connection to a session with a host (PROTOCOL.agent of OpenSSH, section 1).
 * @param signature the host's, of the session's id
 * @param isForwarding whether the connection is for the use of that host
 */
export function makeSessionBind(
  hostKey: Uint8Array,
  sessionId: Uint8Array,
  signature: Uint8Array,
  isForwarding: boolean,
): Buffer {
  return frame(
    Buffer.concat([
      Buffer.of(MESSAGE.extension),
      wireString('session-bind@openssh.com'),
      wireString(hostKey),
      wireString(sessionId),
      wireString(signature),
      Buffer.of(isForwarding ? 1 : 0),
    ]),
  );
}

/**
 * Parses an agent's list of keys. Unusable keys do not affect the others.
 * @param agent the agent's name in messages
 * @returns the usable keys, and an error for each of the others
 * @throws RexaError AGENT_REFUSED, AGENT_MALFORMED
 */
export function readListReply(
  reply: Uint8Array,
  agent: string,
): { readonly keys: AgentKey[]; readonly problems: RexaError[] } {
  const reader = expectReply(reply, MESSAGE.identitiesAnswer, agent, 'list its keys');
  const keys: AgentKey[] = [];
  const problems: RexaError[] = [];
  const count = reader.readU32();
  if (count > MAX_AGENT_KEYS) throw new RexaError('AGENT_MALFORMED', [agent, `it announced ${count} keys`]);
  for (let index = 0; index < count; index++) {
    const blob = reader.readString();
    const comment = reader.readString().toString('utf8');
    try {
      keys.push({ offered: readOfferedKey(blob, `${comment} in ${agent}`), comment });
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      problems.push(error);
    }
  }
  reader.expectEnd();
  return { keys, problems };
}

/**
 * Returns the SSH signature blob of an agent's answer, without verifying it.
 * @throws RexaError AGENT_REFUSED, AGENT_MALFORMED
 */
export function readSignReply(reply: Uint8Array, agent: string, key: string): Buffer {
  const reader = expectReply(reply, MESSAGE.signResponse, agent, `sign with the key ${key}`);
  const signature = reader.readString();
  reader.expectEnd();
  return Buffer.from(signature);
}

function expectReply(reply: Uint8Array, expected: number, agent: string, what: string): WireReader {
  const malformed: Malformed = (reason) => new RexaError('AGENT_MALFORMED', [agent, reason]);
  const reader = new WireReader(reply, malformed);
  const type = reader.readByte();
  if (type === MESSAGE.failure) throw new RexaError('AGENT_REFUSED', [agent, what]);
  if (type !== expected) throw malformed(`it answered with message ${type} where ${expected} belongs`);
  return reader;
}

function frame(message: Buffer): Buffer {
  return Buffer.concat([wireU32(message.length), message]);
}
