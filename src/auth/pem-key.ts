import { createPrivateKey, type KeyObject } from 'node:crypto';
import { RexaError } from '../protocol/errors.ts';
import { decodeArmored } from './base64.ts';
import { collectIntegers } from './der-reader.ts';
import { fromKeyObject } from './key-object.ts';
import { MAX_KDF_ITERATIONS } from './limits.ts';
import type { PrivateKey } from './private-key.ts';

const LABELS = ['PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'] as const;

/**
 * Parses a private key in PKCS#8 (plain or encrypted) or the older PEM forms of RSA and EC, with OpenSSL.
 * @returns whether it is encrypted, and a function for the key, which throws RexaError KEY_PASSPHRASE_NEEDED,
 * KEY_PASSPHRASE_WRONG, KEY_MALFORMED or KEY_UNSUPPORTED
 * @throws RexaError KEY_UNSUPPORTED for any other text
 */
export function readPem(
  text: string,
  name: string,
  passphrase?: string,
): { readonly encrypted: boolean; readonly key: () => PrivateKey } {
  const label = LABELS.find((each) => text.includes(`-----BEGIN ${each}-----`));
  if (label === undefined) {
    throw new RexaError('KEY_UNSUPPORTED', [name, 'it is neither an OpenSSH nor a PEM private key']);
  }
  const encrypted = label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(text);
  return {
    encrypted,
    key() {
      if (encrypted && (passphrase ?? '') === '') throw new RexaError('KEY_PASSPHRASE_NEEDED', [name]);
      if (label === 'ENCRYPTED PRIVATE KEY') checkWork(text, name);
      const keyObject = openWithNode(text, name, encrypted ? passphrase : undefined);
      return { publicKey: fromKeyObject(keyObject, name), keyObject, comment: '' };
    },
  };
}

function openWithNode(text: string, name: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey(passphrase === undefined ? { key: text } : { key: text, passphrase });
  } catch (cause) {
    if (passphrase !== undefined) throw new RexaError('KEY_PASSPHRASE_WRONG', [name], { cause });
    throw new RexaError('KEY_MALFORMED', [name, 'OpenSSL cannot read it'], { cause });
  }
}

/** Limits the rounds: OpenSSL does as many as the file specifies, and a damaged file could specify hours of them. */
function checkWork(text: string, name: string): void {
  const der = decodeArmored(text, 'ENCRYPTED PRIVATE KEY');
  const integers = der === null ? null : collectIntegers(der);
  if (integers === null) throw new RexaError('KEY_MALFORMED', [name, 'its encoding is damaged']);
  if (
    integers.some(
      (bytes) =>
        bytes.length > 6 || (bytes.length > 0 && bytes.readUIntBE(0, bytes.length) > MAX_KDF_ITERATIONS),
    )
  ) {
    throw new RexaError('KEY_UNSUPPORTED', [name, `it asks for more than ${MAX_KDF_ITERATIONS} rounds`]);
  }
}
