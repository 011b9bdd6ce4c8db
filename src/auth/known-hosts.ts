import { RexaError } from '../protocol/errors.ts';
import { MAX_KNOWN_HOSTS_LINE_BYTES } from '../protocol/limits.ts';
import { parseHostAddress } from './host-address.ts';
import { fingerprint, formatPublicKey, isSameKey, type PublicKey, parsePublicKey } from './public-key.ts';
import { splitFewLines } from './split-lines.ts';

/**
 * known_hosts of rexa: text in UTF-8, one host a line, `HOST:PORT TYPE BASE64 [COMMENT]`, an IPv6 address in brackets.
 * Blank lines and lines that begin with `#` are left alone. A host may have several lines; any of its keys will do.
 */
export interface KnownHost {
  /** Counted from 1. */
  readonly line: number;
  /** As `formatHostAddress` gives it. */
  readonly address: string;
  /** Null when the line names the host and its key is damaged: then no key is the right one. */
  readonly key: PublicKey | null;
}

/** What a host's key is worth. */
export type HostVerdict =
  | { readonly kind: 'trusted'; readonly by: 'pin' | 'known_hosts' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly known: readonly KnownHost[] }
  | { readonly kind: 'pinned-mismatch'; readonly pin: string };

/**
 * Judges the key that a host showed (and proved, by TLS). A pin decides alone; else known_hosts does.
 * @param address as `formatHostAddress` gives it
 * @param pin as `parsePin` gives it, null when the address has none
 */
export function judgeHost(
  known: readonly KnownHost[],
  address: string,
  key: PublicKey,
  pin: string | null,
): HostVerdict {
  if (pin !== null) {
    return fingerprint(key) === pin ? { kind: 'trusted', by: 'pin' } : { kind: 'pinned-mismatch', pin };
  }
  const lines = known.filter((host) => host.address === address);
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
  const word = addressOf(text);
  const address = parseHostAddress(word);
  try {
    return { line, address, key: parsePublicKey(text.slice(word.length), where).key };
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    problems.push(new RexaError('AUTH_LINE_UNUSABLE', [where, error.message], { cause: error }));
    return { line, address, key: null };
  }
}

/** The line that makes a host known. */
export function formatKnownHost(address: string, key: PublicKey): string {
  return `${address} ${formatPublicKey(key)}`;
}
