import { RexaError } from '../protocol/errors.ts';
import { MAX_PRIVATE_KEY_FILE_BYTES } from '../protocol/limits.ts';
import { decodeArmored } from './base64.ts';
import { decryptSection } from './openssh-cipher.ts';
import { OPENSSH_LABEL, readContainer, readPrivateSection } from './openssh-key.ts';
import { readPem } from './pem-key.ts';
import type { PrivateKey } from './private-key.ts';
import type { PublicKey } from './public-key.ts';
import { checkSignature, signMessage } from './signature.ts';

/** What a private key file reveals without its passphrase. */
export interface KeyFileSummary {
  /** Null if the format hides it (encrypted PEM); then the .pub file is needed. */
  readonly publicKey: PublicKey | null;
  readonly encrypted: boolean;
}

/**
 * Reads a private key: OpenSSH's own format (PROTOCOL.key), PKCS#8, or the older PEM forms.
 * An unneeded passphrase is ignored. bcrypt takes about 16 ms per round (16 to 24 rounds), in another thread.
 * @param name the key's name in messages: its path
 * @throws RexaError KEY_PASSPHRASE_NEEDED, KEY_PASSPHRASE_WRONG, KEY_MALFORMED, KEY_UNSUPPORTED
 */
export async function readPrivateKey(text: string, name: string, passphrase?: string): Promise<PrivateKey> {
  const bytes = decodeOpenssh(text, name);
  if (bytes === null) return tryOut(readPem(text, name, passphrase).key(), name);
  const container = readContainer(bytes, name);
  const section = await decryptSection(container, name, passphrase);
  return tryOut(readPrivateSection(section, container, name), name);
}

/** Checks a key by a signature: a damaged key can be parsed and still produce invalid signatures. */
function tryOut(key: PrivateKey, name: string): PrivateKey {
  const message = Buffer.from('rexa');
  try {
    checkSignature(key.publicKey, message, signMessage(key, message));
  } catch (cause) {
    throw new RexaError('KEY_MALFORMED', [name, 'its secret and public numbers do not belong together'], {
      cause,
    });
  }
  return key;
}

/**
 * Returns what a private key file reveals without its passphrase.
 * @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED
 */
export function summarizePrivateKey(text: string, name: string): KeyFileSummary {
  const bytes = decodeOpenssh(text, name);
  if (bytes !== null) {
    const { publicKey, cipher } = readContainer(bytes, name);
    return { publicKey, encrypted: cipher !== 'none' };
  }
  const { encrypted, key } = readPem(text, name);
  return { publicKey: encrypted ? null : key().publicKey, encrypted };
}

/** Returns null if the text is in another format. */
function decodeOpenssh(text: string, name: string): Buffer | null {
  if (text.length > MAX_PRIVATE_KEY_FILE_BYTES) {
    throw new RexaError('KEY_MALFORMED', [name, `it is larger than ${MAX_PRIVATE_KEY_FILE_BYTES} bytes`]);
  }
  if (!text.includes(`-----BEGIN ${OPENSSH_LABEL}-----`)) return null;
  const bytes = decodeArmored(text, OPENSSH_LABEL);
  if (bytes === null) throw new RexaError('KEY_MALFORMED', [name, 'its base64 is damaged']);
  return bytes;
}
