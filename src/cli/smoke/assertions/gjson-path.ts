/** One step of a path. */
export type GjsonStep =
  /** A key of a map, or an index of a list. `isWild`: `*` and `?` are wildcards. */
  | { readonly kind: 'key'; readonly name: string; readonly isWild: boolean }
  /** `#` at the end: how many a list has; before more steps: each of them. */
  | { readonly kind: 'each' }
  /** `#(PATH OP VALUE)`, the first that matches, or with another `#` all of them. */
  | { readonly kind: 'query'; readonly query: GjsonQuery; readonly isAll: boolean };

export interface GjsonQuery {
  /** Of what is compared, within each; empty: it itself. */
  readonly path: GjsonPath;
  /** Null: it only has to be there. */
  readonly operator: GjsonOperator | null;
  readonly value: string;
}

export type GjsonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '%' | '!%';

/** Steps in parts: a part behind a pipe (`|`) is about the whole result of the part before it. */
export type GjsonPath = readonly (readonly GjsonStep[])[];

const OPERATORS: readonly GjsonOperator[] = ['!=', '!%', '<=', '>=', '=', '<', '>', '%'];

/**
 * Reads a path of gjson (github.com/tidwall/gjson): keys with wildcards and escapes, indexes, `#`, queries and pipes.
 * Modifiers (`@…`), multipaths (`{…}`, `[…]`), literals (`!…`) and `~` are refused by name.
 * @returns the path, or a sentence about what is wrong with it
 */
export function parseGjsonPath(path: string): GjsonPath | string {
  // The prefix for lines of JSON is the caller's to take off
  const parser = { path, at: 0 };
  try {
    return parseParts(parser);
  } catch (error) {
    if (error instanceof PathError) return error.message;
    throw error;
  }
}

class PathError extends Error {
  override readonly name = 'PathError';
}

interface Parser {
  readonly path: string;
  at: number;
}

function parseParts(parser: Parser): GjsonPath {
  const parts: GjsonStep[][] = [[]];
  while (parser.at < parser.path.length) {
    parts.at(-1)?.push(parseStep(parser));
    const separator = parser.path[parser.at++];
    if (separator === '|') parts.push([]);
    else if (separator !== undefined && separator !== '.')
      throw new PathError(`'.' or '|' is expected at character ${parser.at}`);
  }
  return parts.filter((part) => part.length > 0);
}

function parseStep(parser: Parser): GjsonStep {
  const first = parser.path[parser.at] ?? '';
  if (first === '@') throw new PathError('modifiers (@…) of gjson are not supported');
  if (first === '{' || first === '[') throw new PathError('multipaths of gjson are not supported');
  if (first === '!') throw new PathError('literals (!…) of gjson are not supported');
  if (first !== '#') return parseKey(parser);
  const next = parser.path[parser.at + 1];
  if (next === '(' || next === '[') return parseQueryStep(parser, next === '(' ? ')' : ']');
  if (next === undefined || next === '.' || next === '|') {
    parser.at++;
    return { kind: 'each' };
  }
  return parseKey(parser);
}

function parseKey(parser: Parser): GjsonStep {
  let name = '';
  let plain = '';
  let isWild = false;
  for (; parser.at < parser.path.length; parser.at++) {
    const character = parser.path[parser.at] ?? '';
    if (character === '.' || character === '|') break;
    const escaped = character === '\\' ? parser.path[++parser.at] : undefined;
    isWild ||= escaped === undefined && (character === '*' || character === '?');
    name += escaped === undefined ? character : `\\${escaped}`;
    plain += escaped ?? character;
  }
  return { kind: 'key', name: isWild ? name : plain, isWild };
}

function parseQueryStep(parser: Parser, close: string): GjsonStep {
  const start = parser.at + 2;
  const end = findClosing(parser.path, start, close);
  const query = parseQuery(parser.path.slice(start, end));
  parser.at = end + 1;
  const isAll = parser.path[parser.at] === '#';
  if (isAll) parser.at++;
  return { kind: 'query', query, isAll };
}

/** The end of a query; brackets within it and what stands in quotes are left out. */
function findClosing(path: string, start: number, close: string): number {
  let depth = 0;
  let isQuoted = false;
  for (let at = start; at < path.length; at++) {
    const character = path[at] ?? '';
    if (character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '(' || character === '[') depth++;
    else if (depth === 0 && character === close) return at;
    else if (character === ')' || character === ']') depth--;
  }
  throw new PathError(`the query has no ${close}`);
}

function parseQuery(text: string): GjsonQuery {
  const { at, operator } = findOperator(text);
  const path = parseParts({ path: text.slice(0, at).trim(), at: 0 });
  if (operator === null) return { path, operator, value: '' };
  const behind = text.slice(at + operator.length);
  const value = (operator === '=' && behind.startsWith('=') ? behind.slice(1) : behind).trim();
  if (value.startsWith('~')) throw new PathError('~ in a query of gjson is not supported');
  return { path, operator, value: unquote(value) };
}

function findOperator(text: string): { readonly at: number; readonly operator: GjsonOperator | null } {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\') at++;
    else if (character === '(' || character === '[') depth++;
    else if (character === ')' || character === ']') depth--;
    const operator = depth === 0 ? OPERATORS.find((each) => text.startsWith(each, at)) : undefined;
    if (operator !== undefined) return { at, operator };
  }
  return { at: text.length, operator: null };
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    throw new PathError(`${value} is no text in quotes`);
  }
}
