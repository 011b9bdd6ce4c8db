import { matchesWildcards } from '../../auth/wildcards.ts';

/**
 * Returns whether a text matches a comma-separated list of patterns, of which those with `!` exclude (PATTERNS in
 * ssh_config(5)).
 */
export function matchesPatternList(list: string, text: string): boolean {
  const patterns = list.split(',');
  const fits = (pattern: string): boolean => matchesWildcards(pattern, text);
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}

/** Returns whether the words of a `Host` line match a host: one of them does, and none with `!` does. */
export function matchesHostLine(words: readonly string[], host: string): boolean {
  const fits = (pattern: string): boolean => matchesWildcards(pattern, host);
  if (words.some((word) => word.startsWith('!') && fits(word.slice(1)))) return false;
  return words.some((word) => !word.startsWith('!') && fits(word));
}
