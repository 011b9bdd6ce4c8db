import { AUTHORITY_SIGNATURES } from '../../auth/host-algorithms.ts';
import { KEY_TYPES } from '../../auth/key-types.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';

const PLAIN: readonly string[] = KEY_TYPES.map(({ type }) => type);
const CERTIFICATES: readonly string[] = KEY_TYPES.map(({ certificateType }) => certificateType);
/** Those of TLS 1.3, in OpenSSH's words. */
const CIPHERS: readonly string[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
];
const KEY_EXCHANGES: readonly string[] = [
  'curve25519-sha256',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
];
const WITH_CERTIFICATES: readonly string[] = [...AUTHORITY_SIGNATURES, ...CERTIFICATES];

/** What may be asked for, and what there is. `mac`: the ciphers authenticate by themselves. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  cipher: CIPHERS,
  'cipher-auth': CIPHERS,
  compression: ['none'],
  kex: KEY_EXCHANGES,
  'kex-gss': [],
  key: [...PLAIN, ...CERTIFICATES],
  'key-ca-sign': AUTHORITY_SIGNATURES,
  'key-cert': CERTIFICATES,
  'key-plain': PLAIN,
  'key-sig': WITH_CERTIFICATES,
  mac: [],
  'protocol-version': ['2'],
  sig: AUTHORITY_SIGNATURES,
};

/** Keywords of ssh_config(5) that may be asked for in their place, in small letters. */
const BY_KEYWORD: Readonly<Record<string, string>> = {
  casignaturealgorithms: 'key-ca-sign',
  ciphers: 'cipher',
  hostbasedacceptedalgorithms: 'key-sig',
  hostbasedkeytypes: 'key-sig',
  hostkeyalgorithms: 'key-sig',
  kexalgorithms: 'kex',
  macs: 'mac',
  pubkeyacceptedalgorithms: 'key-sig',
  pubkeyacceptedkeytypes: 'key-sig',
};

/**
 * Returns what `-Q` prints: the algorithms of a kind that rexa has, a line each, by OpenSSH's names.
 * @param query a kind, a keyword of ssh_config(5), or `help` for the kinds
 * @throws RexaError USAGE for an unknown kind
 */
export function listAlgorithms(query: string): string {
  const kind = BY_KEYWORD[query.toLowerCase()] ?? query;
  const found = kind === 'help' ? Object.keys(LISTS) : Object.hasOwn(LISTS, kind) ? LISTS[kind] : undefined;
  if (found === undefined)
    throw usageError(`-Q: unsupported query ${quoteWord(query)}; -Q help lists the queries`);
  return found.map((name) => `${name}\n`).join('');
}
