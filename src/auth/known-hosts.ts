import { RexaError } from '../protocol/errors.ts';
import { MAX_KNOWN_HOSTS_LINE_BYTES } from '../protocol/limits.ts';
import { parseHostAddress } from './host-address.ts';
import { isFieldAbout, isForeignHash, isReadableField } from './known-host-field.ts';
import { fingerprint, formatPublicKey, isSameKey, type PublicKey, parsePublicKey } from './public-key.ts';
import { splitFewLines } from './split-lines.ts';

/**
 * known_hosts of rexa: text in UTF-8, one host a line, `HOST:PORT TYPE BASE64 [COMMENT]`, an IPv6 address in brackets.
 * Lines of OpenSSH are read too, with `@revoked` and `@cert-authority`.
 * Blank lines and lines that begin with `#` are left alone. A host may have several lines; any of its keys will do.
 */
export interface KnownHost {
  /** Counted from 1. */
  readonly line: number;
  /** As `formatHostAddress` gives it; else as it stands in the file: names, patterns, a hash (isFieldAbout). */
  readonly address: string;
  /** Absent: a key of the host. An authority's key is none, and a line with another marker says nothing that can be used. */
  readonly marker?: 'revoked' | 'cert-authority';
  /** Null when the line names the host and its key is damaged: then no key is the right one. */
  readonly key: PublicKey | null;
}

/** What a host's key is worth. */
export type HostVerdict =
  | { readonly kind: 'trusted'; readonly by: 'pin' | 'known_hosts' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly known: readonly KnownHost[] }
  | { readonly kind: 'revoked'; readonly line: number }
  | { readonly kind: 'pinned-mismatch'; readonly pin: string };

/**
 * Judges the key that a host showed (and proved, by TLS). A pin decides alone; else known_hosts does.
 * @param address as `formatHostAddress` gives it
 * @param pin as `parsePin` gives it, null when the address has none
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
  if (revoked !== undefined) return { kind: 'revoked', line: revoked.line };
  const lines = about.filter(({ marker }) => marker === undefined);
  if (lines.length === 0) return { kind: 'unknown' };
  const isKnown = lines.some((host) => host.key !== null && isSameKey(host.key, key));
  return isKnown ? { kind: 'trusted', by: 'known_hosts' } : { kind: 'changed', known: lines };
}

/**
 * What a verdict means for the connection: null for a trusted host, else why it ends, and what can be done.
 * @param file what known_hosts is called in messages
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
      return new RexaError('AUTH_HOST_UNKNOWN', [address, fingerprint(key), address]);
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
    case 'revoked':
      return new RexaError('AUTH_HOST_REVOKED', [address, fingerprint(key), file, verdict.line]);
    case 'pinned-mismatch':
      return new RexaError('AUTH_HOST_PIN_MISMATCH', [address, fingerprint(key), verdict.pin]);
    default:
      return verdict satisfies never;
  }
}

/**
 * Reads known_hosts. A line that is broken concerns itself alone.
 * @param path what the file is called in messages
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
      hosts.push(parseLine(text, line, `${path}:${line}`, problems));
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      problems.push(
        new RexaError('AUTH_LINE_UNUSABLE', [`${path}:${line}`, error.message], { cause: error }),
      );
    }
  }
  return { hosts, problems };
}

/** A line without blanks at its ends; empty for a comment. A longer one than any key is cut, and so has no key. */
function readLine(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, MAX_KNOWN_HOSTS_LINE_BYTES)).toString('utf8').trim();
  const isCut = bytes.length > MAX_KNOWN_HOSTS_LINE_BYTES;
  if (text.startsWith('#')) return '';
  return isCut ? addressOf(text) : text;
}

/** The first word of a line. */
function addressOf(text: string): string {
  return /^[^ \t]*/.exec(text)?.[0] ?? '';
}

function parseLine(text: string, line: number, where: string, problems: RexaError[]): KnownHost {
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
    // What another marker says is not known: then no key is the right one
    if (mark !== undefined && !('marker' in marker))
      throw new RexaError('AUTH_LINE_UNUSABLE', [where, `there is no marker @${mark}`]);
    return { line, address, ...marker, key: parsePublicKey(rest.slice(word.length), where).key };
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    problems.push(new RexaError('AUTH_LINE_UNUSABLE', [where, error.message], { cause: error }));
    return { line, address, ...marker, key: null };
  }
}

/** Whether a field is `host:port`, in one of its spellings. */
function isOwnAddress(word: string): boolean {
  try {
    parseHostAddress(word);
    return true;
  } catch {
    return false;
  }
}

/** The line that makes a host known. */
export function formatKnownHost(address: string, key: PublicKey): string {
  return `${address} ${formatPublicKey(key)}`;
}
