import { RexaError } from '../protocol/errors.ts';
import { PROBE_BYTES, PROBE_NONCE_BYTES } from '../protocol/limits.ts';
import type { PrivateKey } from './private-key.ts';
import { fingerprint, type PublicKey, readPublicKey } from './public-key.ts';
import { signMessage } from './signature.ts';
import { checkSshsig, makeSshsig, readSshsigKey } from './sshsig.ts';
import { wireString } from './wire-writer.ts';

/** The namespace of the SSHSIG: an answer to a probe is no other signature of the host, and none of a login is one. */
const PROBE_NAMESPACE = 'probe@rexa';
const TAG = 'rexa-probe-v1';
const QUESTION = Buffer.from(`${TAG}?`, 'latin1');
const ANSWER = Buffer.from(`${TAG}!`, 'latin1');

/** Makes a question: tag, nonce, and zeros, as long as the longest answer. */
export function makeProbe(nonce: Uint8Array): Buffer {
  const question = Buffer.alloc(PROBE_BYTES);
  QUESTION.copy(question);
  question.set(nonce, QUESTION.length);
  return question;
}

/** Returns the nonce of a question; null for any other datagram. */
export function readProbe(datagram: Uint8Array): Buffer | null {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (bytes.length !== PROBE_BYTES || !bytes.subarray(0, QUESTION.length).equals(QUESTION)) return null;
  const end = QUESTION.length + PROBE_NONCE_BYTES;
  // What is to come later may not be answered by what does not know it
  if (bytes.subarray(end).some((byte) => byte !== 0)) return null;
  return bytes.subarray(QUESTION.length, end);
}

/**
 * Makes the answer to a question: tag, nonce, and an SSHSIG over both by the host key.
 * @throws RexaError KEY_UNSUPPORTED for a key whose answer would be longer than the question
 */
export async function answerProbe(nonce: Uint8Array, key: PrivateKey): Promise<Buffer> {
  const { blob } = key.publicKey;
  const signature = await makeSshsig(blob, PROBE_NAMESPACE, probeMessage(nonce), async (data) =>
    signMessage(key, data),
  );
  const answer = Buffer.concat([ANSWER, nonce, signature]);
  if (answer.length <= PROBE_BYTES) return answer;
  throw new RexaError('KEY_UNSUPPORTED', [
    fingerprint(key.publicKey),
    `an answer to a probe has at most ${PROBE_BYTES} bytes; use an Ed25519 key`,
  ]);
}

/**
 * Reads an answer. @returns its nonce, and the key that has signed it
 * @throws RexaError AUTH_SIGNATURE_MALFORMED, AUTH_SIGNATURE_WRONG, KEY_MALFORMED, KEY_UNSUPPORTED
 */
export function readProbeAnswer(datagram: Uint8Array): { readonly nonce: Buffer; readonly key: PublicKey } {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const start = ANSWER.length + PROBE_NONCE_BYTES;
  if (bytes.length < start || !bytes.subarray(0, ANSWER.length).equals(ANSWER))
    throw new RexaError('AUTH_SIGNATURE_MALFORMED', ['of a probe', 'the datagram is no answer']);
  const nonce = bytes.subarray(ANSWER.length, start);
  const signature = bytes.subarray(start);
  const blob = readSshsigKey(signature, 'of a probe');
  const key = readPublicKey(blob, 'of a probe');
  checkSshsig(signature, { key, blob, namespace: PROBE_NAMESPACE, message: probeMessage(nonce) });
  return { nonce, key };
}

function probeMessage(nonce: Uint8Array): Buffer {
  return Buffer.concat([wireString(TAG), wireString(nonce)]);
}
