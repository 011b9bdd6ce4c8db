import { RexaError } from '../protocol/errors.ts';
import { decodeBase64 } from './base64.ts';

/**
 * Validates the pin of an address: `SHA256:` and the 43 characters that `ssh-keygen -l` prints for the host key.
 * @returns the pin, to be compared with a key's `fingerprint`
 * @throws RexaError AUTH_PIN_INVALID
 */
export function parsePin(text: string): string {
  const digest = text.startsWith('SHA256:') ? decodeBase64(`${text.slice('SHA256:'.length)}=`) : null;
  if (digest?.length !== 32) throw new RexaError('AUTH_PIN_INVALID', [text]);
  return text;
}
