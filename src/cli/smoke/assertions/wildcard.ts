/**
 * Whether a text is matched by a pattern in which `*` stands for any characters and `?` for one. A backslash takes the
 * next character as it is. Takes time in proportion to both lengths multiplied, whatever the pattern.
 */
export function matchesWildcard(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const isEscaped = pattern[next] === '\\' && next + 1 < pattern.length;
    const wanted = pattern[isEscaped ? next + 1 : next];
    if (!isEscaped && wanted === '*') {
      star = next++;
      resume = at;
    } else if (wanted === text[at] || (!isEscaped && wanted === '?')) {
      at++;
      next += isEscaped ? 2 : 1;
    } else if (star !== -1) {
      next = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[next] === '*') next++;
  return next >= pattern.length;
}
