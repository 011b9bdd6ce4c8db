/** Beginning and end of what gjson takes for lines of JSON: each line is one item of a list. */
const LINES_PREFIX = '..';

/** Output that is no JSON. */
export const NO_JSON = Symbol('no JSON');

/** Takes the prefix `..` off a path of gjson, which makes a list of lines of JSON. */
export function takeLinesPrefix(path: string): { readonly path: string; readonly isLines: boolean } {
  return path.startsWith(LINES_PREFIX)
    ? { path: path.slice(LINES_PREFIX.length).replace(/^\./, ''), isLines: true }
    : { path, isLines: false };
}

/**
 * The JSON in an output. As gjson does, what stands before the first bracket and behind its end is passed over.
 * @returns NO_JSON where there is none
 */
export function readJson(text: string): unknown {
  const whole = parse(text);
  if (whole !== NO_JSON) return whole;
  const start = text.search(/[[{]/);
  const end = start === -1 ? -1 : findEnd(text, start);
  return end === -1 ? NO_JSON : parse(text.slice(start, end));
}

/** Each line of an output as JSON. */
export function readJsonLines(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const values = lines.map(parse);
  return values.includes(NO_JSON) ? NO_JSON : values;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return NO_JSON;
  }
}

/** Behind the bracket that closes the one at `start`; -1: there is none. */
function findEnd(text: string, start: number): number {
  let depth = 0;
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isQuoted) {
      if (character === '\\') at++;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return -1;
}
