import { KEY_TYPES } from './key-types.ts';
import { matchesWildcards } from './wildcards.ts';

/** Names of signatures that a list may have, in OpenSSH's words; an RSA key signs with SHA-2 only. */
function signaturesOf(type: string): readonly string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
}

/** Names of certificates that a list may have. */
function certificatesOf(certificateType: string): readonly string[] {
  if (!certificateType.startsWith('ssh-rsa-')) return [certificateType];
  return [...signaturesOf('ssh-rsa').map((name) => `${name}-cert-v01@openssh.com`), certificateType];
}

/** Algorithms that an authority may sign with. */
export const AUTHORITY_SIGNATURES: readonly string[] = KEY_TYPES.flatMap(({ type }) => signaturesOf(type));
/** Algorithms of host keys and their certificates. */
export const HOST_KEY_ALGORITHMS: readonly string[] = [
  ...KEY_TYPES.flatMap(({ certificateType }) => certificatesOf(certificateType)),
  ...AUTHORITY_SIGNATURES,
];
/** What ssh knows and rexa does not accept: a list may name it. */
const OTHERS: readonly string[] = [
  'ssh-rsa',
  'ssh-dss',
  'ssh-dss-cert-v01@openssh.com',
  'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
];

/**
 * Reads a list of algorithms of ssh_config(5): names and patterns separated by commas; with `+` and `^` they are added behind or before
 * those that there are, with `-` removed from them.
 * @returns null for a name that ssh does not know, too
 */
export function readAlgorithms(text: string, all: readonly string[]): readonly string[] | null {
  const [, sign = '', list = ''] = /^([-+^]?)(.*)$/s.exec(text) ?? [];
  const patterns = list.split(',');
  const isKnown = (pattern: string): boolean =>
    /[*?]/.test(pattern) || all.includes(pattern) || OTHERS.includes(pattern);
  if (!patterns.every((pattern) => pattern !== '' && isKnown(pattern))) return null;
  const named = patterns.flatMap((pattern) => all.filter((name) => matchesWildcards(pattern, name)));
  if (sign === '-') return all.filter((name) => !named.includes(name));
  // All that rexa accepts are there already
  return sign === '' ? [...new Set(named)] : [...new Set([...named, ...all])];
}

/** Returns whether a list has an algorithm for keys of a type. */
export function allowsKey(algorithms: readonly string[], type: string): boolean {
  return signaturesOf(type).some((name) => algorithms.includes(name));
}

/** Returns whether a list has an algorithm for certificates of keys of a type. */
export function allowsCertificate(algorithms: readonly string[], type: string): boolean {
  const found = KEY_TYPES.find((row) => row.type === type);
  return (
    found !== undefined && certificatesOf(found.certificateType).some((name) => algorithms.includes(name))
  );
}
