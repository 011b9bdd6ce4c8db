import type { Quoting } from './shell-word.ts';

/** What a shell gives a meaning to in a word without quotes. */
const SPECIAL = /[\s\\'"`$&;|<>()*?[\]{}#~!]/g;
const CONTROL = /\p{Cc}/u;

/**
 * Writes a word as a shell reads it, in the quotes that were begun.
 * @param base `~`, `~user` or `$NAME`, which keeps its meaning; `value` begins with a slash then
 * @param isWhole whether the word is over: then open quotes are closed
 */
export function quoteWord(base: string, value: string, quoting: Quoting, isWhole: boolean): string {
  if (CONTROL.test(value)) return quoteControls(base, value);
  if (quoting === 'none') return base + value.replace(SPECIAL, '\\$&');
  if (quoting === 'double' && !base.startsWith('~'))
    return `"${base}${quoteDouble(value)}${isWhole ? '"' : ''}`;
  // Between these quotes a base would have no meaning: they begin behind its slash
  const front = base === '' ? '' : base + value.slice(0, 1);
  const rest = base === '' ? value : value.slice(1);
  if (quoting === 'double') return `${front}"${quoteDouble(rest)}${isWhole ? '"' : ''}`;
  return `${front}'${rest.replaceAll("'", String.raw`'\''`)}${isWhole ? "'" : ''}`;
}

function quoteDouble(value: string): string {
  return value.replace(/[$`"\\]/g, '\\$&');
}

function quoteControls(base: string, value: string): string {
  const quoted = value.replace(/[\p{Cc}'\\]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (character === "'" || character === '\\') return `\\${character}`;
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  });
  return `${base}$'${quoted}'`;
}
