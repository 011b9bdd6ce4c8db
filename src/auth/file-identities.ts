import { RexaError } from '../protocol/errors.ts';
import { MAX_PRIVATE_KEY_FILE_BYTES } from '../protocol/limits.ts';
import { type FileGuard, readGuardedFile } from './guarded-file.ts';
import type { Identity } from './identity.ts';
import { type OfferedKey, parseOfferedKey } from './offered-key.ts';
import type { PrivateKey } from './private-key.ts';
import { isSameKey } from './public-key.ts';
import { readPrivateKey, summarizePrivateKey } from './read-private-key.ts';
import { signMessage } from './signature.ts';

/** A private key, or a public key whose private part is in an agent, that is not in a file. */
export interface KeyText {
  /** Its name in messages. */
  readonly name: string;
  /** The content of a key file. */
  readonly text: string;
}

const PERSONAL: FileGuard = { kind: 'personal', maxBytes: MAX_PRIVATE_KEY_FILE_BYTES };

/**
 * Returns the identities of a private key file: with its certificate, if `FILE-cert.pub` has one, and without. If the format
 * hides the public key, it is read from `FILE.pub`. This needs no passphrase.
 * @returns none if the file does not exist
 * @throws RexaError AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE, AUTH_FILE_TOO_LARGE, KEY_MALFORMED, KEY_UNSUPPORTED
 */
export async function readFileIdentities(file: string): Promise<Identity[]> {
  const text = await readText(file, PERSONAL);
  if (text === null) return [];
  const { publicKey, encrypted } = summarizePrivateKey(text, file);
  const key = publicKey ?? (await readPublicPart(`${file}.pub`))?.key ?? null;
  if (key === null) {
    throw new RexaError('KEY_UNSUPPORTED', [
      file,
      `its public key is hidden, and there is no ${file}.pub that tells it`,
    ]);
  }
  const certified = await readPublicPart(`${file}-cert.pub`);
  const plain: OfferedKey = { key, certificate: null, blob: key.blob };
  const offers = certified !== null && isSameKey(certified.key, key) ? [certified, plain] : [plain];
  const secret = new Secret(file, text, encrypted);
  return offers.map((offered) => makeIdentity(offered, secret));
}

/**
 * Returns the identity of a private key that is not in a file.
 * @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED if its format hides the public key
 */
export function readTextIdentity({ name, text }: KeyText): Identity {
  const { publicKey: key, encrypted } = summarizePrivateKey(text, name);
  if (key === null)
    throw new RexaError('KEY_UNSUPPORTED', [name, 'its public key is hidden: use the format of OpenSSH']);
  return makeIdentity({ key, certificate: null, blob: key.blob }, new Secret(name, text, encrypted));
}

function makeIdentity(offered: OfferedKey, secret: Secret): Identity {
  return {
    offered,
    source: secret.file,
    comment: '',
    isLocked: () => secret.isLocked(),
    unlock: (passphrase) => secret.unlock(passphrase),
    sign: async (data) => {
      const key = await secret.open();
      if (!isSameKey(key.publicKey, offered.key)) {
        throw new RexaError('KEY_MALFORMED', [secret.file, `${secret.file}.pub is of another key`]);
      }
      return signMessage(key, data);
    },
  };
}

/** The private key of a file, shared by its identities. */
class Secret {
  readonly file: string;
  readonly #text: string;
  readonly #encrypted: boolean;
  #key: PrivateKey | null = null;

  constructor(file: string, text: string, encrypted: boolean) {
    this.file = file;
    this.#text = text;
    this.#encrypted = encrypted;
  }

  isLocked(): boolean {
    return this.#encrypted && this.#key === null;
  }

  async unlock(passphrase: string): Promise<void> {
    this.#key ??= await readPrivateKey(this.#text, this.file, passphrase);
  }

  async open(): Promise<PrivateKey> {
    this.#key ??= await readPrivateKey(this.#text, this.file);
    return this.#key;
  }
}

async function readPublicPart(file: string): Promise<OfferedKey | null> {
  const text = await readText(file, { kind: 'public', maxBytes: MAX_PRIVATE_KEY_FILE_BYTES });
  return text === null ? null : parseOfferedKey(text.trim(), file).offered;
}

async function readText(file: string, guard: FileGuard): Promise<string | null> {
  const content = await readGuardedFile(file, guard);
  return content === null || content === 'unchanged' ? null : content.bytes.toString('latin1');
}
