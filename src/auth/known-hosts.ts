import { RexaError } from '../protocol/errors.ts';
import { parseHostAddress } from './host-address.ts';
import { isFieldAbout, isForeignHash, isReadableField } from './known-host-field.ts';
import { MAX_KNOWN_HOSTS_LINE_BYTES } from './limits.ts';
import { fingerprint, formatPublicKey, isSameKey, type PublicKey, parsePublicKey } from './public-key.ts';
import { splitFewLines } from './split-lines.ts';

/**
 * A line of rexa's known_hosts: UTF-8 text, one host per line, `HOST:PORT TYPE BASE64 [COMMENT]`, IPv6 addresses in brackets.
 * OpenSSH's lines are supported too, with `@revoked` and `@cert-authority`. Blank lines and lines that begin with `#` are
 * ignored. A host may have several lines, and any of its keys is accepted.
 */
export interface KnownHost {
  /** Counted from 1. */
  readonly line: number;
  /** As returned by `formatHostAddress`, or the host field of the line: names, patterns, a hash (isFieldAbout). */
  readonly address: string;
  /** Absent: a key of the host. The key of an authority is not one, and lines with unknown markers have no usable key. */
  readonly marker?: 'revoked' | 'cert-authority';
  /** Null if the line names the host but its key is damaged; then no key matches. */
  readonly key: PublicKey | null;
}

/** The result of verifying a host key. */
export type HostVerdict =
  | { readonly kind: 'trusted'; readonly by: 'pin' | 'known_hosts' | 'certificate' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly known: readonly KnownHost[] }
  /** By a line of known_hosts, or by a file of revoked keys. */
  | { readonly kind: 'revoked'; readonly by: KnownHost | string }
  | { readonly kind: 'pinned-mismatch'; readonly pin: string }
  /** By a list of algorithms. */
  | { readonly kind: 'not-allowed' };

/**
 * Verifies the key that a host presented (and proved, by TLS). A pin takes precedence over known_hosts.
 * @param address as returned by `formatHostAddress`
 * @param pin as returned by `parsePin`; null if the address has none
 */
export function checkHost(
  known: readonly KnownHost[],
  address: string,
  key: PublicKey,
  pin: string | null,
): HostVerdict {
  if (pin !== null) {
    return fingerprint(key) === pin ? { kind: 'trusted', by: 'pin' } : { kind: 'pinned-mismatch', pin };
  }
  const about = known.filter((host) => isFieldAbout(host.address, address));
  const revoked = about.find(
    ({ marker, key: bad }) => marker === 'revoked' && (bad === null || isSameKey(bad, key)),
  );
  if (revoked !== undefined) return { kind: 'revoked', by: revoked };
  const lines = about.filter(({ marker }) => marker === undefined);
  if (lines.length === 0) return { kind: 'unknown' };
  const isKnown = lines.some((host) => host.key !== null && isSameKey(host.key, key));
  return isKnown ? { kind: 'trusted', by: 'known_hosts' } : { kind: 'changed', known: lines };
}

/** @param add the command that trusts the host */
export function explainUnknown(address: string, key: PublicKey, add: string): RexaError {
  const advice = `compare it with the fingerprint that 'rexad status' shows on that host, then run: ${add}`;
  return new RexaError('AUTH_HOST_UNKNOWN', [address, fingerprint(key), advice]);
}

/** Somebody was asked whether to trust the host, and did not confirm. */
export function explainUnconfirmed(address: string, key: PublicKey): RexaError {
  return new RexaError('AUTH_HOST_UNKNOWN', [
    address,
    fingerprint(key),
    'it was not confirmed, and nothing was sent',
  ]);
}

/**
 * Returns the error for a verdict, with the action to take; null for a trusted host.
 * @param file the name of known_hosts in messages
 */
export function explainVerdict(
  verdict: HostVerdict,
  address: string,
  key: PublicKey,
  file: string,
): RexaError | null {
  switch (verdict.kind) {
    case 'trusted':
      return null;
    case 'unknown':
      return explainUnknown(address, key, `rexa keys add ${address}`);
    case 'changed': {
      const before = verdict.known.map(({ key: old }) => (old === null ? 'a damaged key' : fingerprint(old)));
      const lines = verdict.known.map(({ line }) => line).join(', ');
      return new RexaError('AUTH_HOST_CHANGED', [
        address,
        fingerprint(key),
        before.join(', '),
        file,
        lines,
        address,
      ]);
    }
    case 'revoked': {
      const { by } = verdict;
      const place = typeof by === 'object' ? `${file}, line ${by.line}` : by;
      return new RexaError('AUTH_HOST_REVOKED', [address, fingerprint(key), place]);
    }
    case 'pinned-mismatch':
      return new RexaError('AUTH_HOST_PIN_MISMATCH', [address, fingerprint(key), verdict.pin]);
    case 'not-allowed':
      return new RexaError('AUTH_HOST_KEY_TYPE', [address, key.type]);
    default:
      return verdict satisfies never;
  }
}

/**
 * Parses known_hosts. An invalid line does not affect the others.
 * @param path the file's name in messages
 * @throws RexaError AUTH_FILE_TOO_MANY_LINES
 */
export function parseKnownHosts(
  bytes: Uint8Array,
  path: string,
): { readonly hosts: KnownHost[]; readonly problems: RexaError[] } {
  const hosts: KnownHost[] = [];
  const problems: RexaError[] = [];
  for (const { number: line, bytes: lineBytes } of splitFewLines(bytes, path)) {
    const text = readLine(lineBytes);
    if (text === '') continue;
    try {
      const host = parseLine(text, line, `${path}:${line}`, problems);
      if (host !== null) hosts.push(host);
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      problems.push(
        new RexaError('AUTH_LINE_UNUSABLE', [`${path}:${line}`, error.message], { cause: error }),
      );
    }
  }
  return { hosts, problems };
}

/** Returns a trimmed line; empty for a comment. A line longer than any key is reduced to its host, without a key. */
function readLine(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, MAX_KNOWN_HOSTS_LINE_BYTES)).toString('utf8').trim();
  const isCut = bytes.length > MAX_KNOWN_HOSTS_LINE_BYTES;
  if (text.startsWith('#')) return '';
  return isCut ? addressOf(text) : text;
}

/** Returns the first word of a line. */
function addressOf(text: string): string {
  return /^[^ \t]*/.exec(text)?.[0] ?? '';
}

function parseLine(text: string, line: number, where: string, problems: RexaError[]): KnownHost | null {
  const [marking = '', mark] = /^@(\S+)[ \t]+/.exec(text) ?? [];
  const rest = text.slice(marking.length);
  const word = addressOf(rest);
  const marker = mark === 'revoked' || mark === 'cert-authority' ? ({ marker: mark } as const) : {};
  if (isForeignHash(word)) {
    problems.push(new RexaError('AUTH_LINE_UNUSABLE', [where, 'the hash of the host name is damaged']));
    return { line, address: word, ...marker, key: null };
  }
  const address = isReadableField(word) && !isOwnAddress(word) ? word : parseHostAddress(word);
  try {
    // The meaning of another marker is unknown, so no key matches
    if (mark !== undefined && !('marker' in marker))
      throw new RexaError('AUTH_LINE_UNUSABLE', [where, `there is no marker @${mark}`]);
    return { line, address, ...marker, key: parsePublicKey(rest.slice(word.length), where).key };
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    // No host can show a key of a type that rexa does not accept
    if (mark === 'revoked' && error.code === 'KEY_UNSUPPORTED') return null;
    problems.push(new RexaError('AUTH_LINE_UNUSABLE', [where, error.message], { cause: error }));
    return { line, address, ...marker, key: null };
  }
}

/** Returns whether a field is a valid `host:port`. */
function isOwnAddress(word: string): boolean {
  try {
    parseHostAddress(word);
    return true;
  } catch {
    return false;
  }
}

/** Formats a line for a host. */
export function formatKnownHost(address: string, key: PublicKey): string {
  return `${address} ${formatPublicKey(key)}`;
}
