import { findClosestName } from '../../../command-line/closest-name.ts';
import { HARMLESS } from './harmless.ts';
import { HONOURED } from './honoured.ts';
import { REFUSED } from './refused.ts';
import type { KeywordRow } from './row.ts';

/** Every keyword of ssh_config(5), by its spelling there, and what becomes of it: the one table. */
export const KEYWORDS: Readonly<Record<string, KeywordRow>> = { ...HONOURED, ...HARMLESS, ...REFUSED };

/** Other names of keywords, in small letters. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  dsaauthentication: 'PubkeyAuthentication',
  hostbasedkeytypes: 'HostbasedAcceptedAlgorithms',
  identityfile2: 'IdentityFile',
  keepalive: 'TCPKeepAlive',
  // Debian's names of it, in its ssh_config(5)
  protocolkeepalives: 'ServerAliveInterval',
  pubkeyacceptedkeytypes: 'PubkeyAcceptedAlgorithms',
  setuptimeout: 'ServerAliveInterval',
  skeyauthentication: 'KbdInteractiveAuthentication',
  smartcarddevice: 'PKCS11Provider',
  tisauthentication: 'KbdInteractiveAuthentication',
};

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  Object.keys(KEYWORDS).map((keyword) => [keyword.toLowerCase(), keyword]),
);

/** A keyword, written in whatever capitals. */
export function findKeyword(written: string): { readonly keyword: string; readonly row: KeywordRow } | null {
  const small = written.toLowerCase();
  const keyword = SPELLINGS.get(small) ?? OTHER_NAMES[small];
  const row = keyword === undefined ? undefined : KEYWORDS[keyword];
  return keyword === undefined || row === undefined ? null : { keyword, row };
}

/** The keyword that was probably meant. */
export function suggestKeyword(written: string): string | null {
  return findClosestName(written, Object.keys(KEYWORDS));
}
