import { RexaError } from '../protocol/errors.ts';
import { decodeBase64 } from './base64.ts';

/**
 * Checks a pin as an address has it: `SHA256:` and the 43 characters that `ssh-keygen -l` prints for the host's key.
 * @returns the pin, to be held against a key's `fingerprint`
 * @throws RexaError AUTH_PIN_INVALID
 */
export function parsePin(text: string): string {
  const digest = text.startsWith('SHA256:') ? decodeBase64(`${text.slice('SHA256:'.length)}=`) : null;
  if (digest?.length !== 32) throw new RexaError('AUTH_PIN_INVALID', [text]);
  return text;
}
