/** How what stands in front of the cursor is quoted. `ansi`: `$'…'`. */
export type Quoting = 'none' | 'single' | 'double' | 'ansi';

/** The word in front of the cursor, as a shell would read it. */
export interface ShellWord {
  /** Where it begins, in UTF-16 units. */
  readonly at: number;
  /** `command`: a command's name is expected here; `target`: of a redirection. */
  readonly role: 'command' | 'argument' | 'target';
  /** The name of the command that it is an argument of; empty for none. */
  readonly command: string;
  /** `~`, `~user` or `$NAME` in front of it, unquoted or, for a variable, in double quotes; empty without one. */
  readonly base: string;
  /** What stands behind the base, without quotes. */
  readonly value: string;
  /** What is still open at the cursor. */
  readonly quoting: Quoting;
  /** A part of it is expanded when the line is run, and unknown now. */
  readonly isDynamic: boolean;
}

/** Commands whose argument is a command. */
const PREFIXES = new Set(
  '! { ( if then elif else while until do time sudo doas nohup nice exec command builtin env xargs watch'.split(
    ' ',
  ),
);
const OPERATORS = ';&|\n(';
const SPACES = ' \t';
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const VARIABLE = /^\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})/;

/** A word while it is read. */
interface Reading {
  readonly at: number;
  value: string;
  quoting: Quoting;
  /** How much of `value` is the base. */
  baseLength: number;
  isDynamic: boolean;
  hasQuotes: boolean;
}

/** A command while it is read: its own words, not those of a line within one of them. */
interface Context {
  role: ShellWord['role'];
  command: string;
  word: Reading | null;
}

/** Where the reading of a line is. */
interface Reader {
  readonly line: string;
  at: number;
  context: Context;
  /** What `$(` has interrupted. */
  readonly stack: Context[];
  isComment: boolean;
}

/** Reads a line up to the cursor, which is its end. Null in a comment. */
export function readShellWord(line: string): ShellWord | null {
  const reader: Reader = { line, at: 0, context: startContext(), stack: [], isComment: false };
  while (reader.at < line.length && !reader.isComment) {
    reader.at += READERS[reader.context.word?.quoting ?? 'none'](reader, line.charAt(reader.at));
  }
  return reader.isComment ? null : finishWord(reader);
}

/** How a character is read in each kind of quotes. Each gives the length of what it has read. */
const READERS: Readonly<Record<Quoting, (reader: Reader, character: string) => number>> = {
  none: readPlain,
  double: readInDoubleQuotes,
  single: readInSingleQuotes,
  ansi: readInAnsiQuotes,
};

function readPlain(reader: Reader, character: string): number {
  const next = reader.line.charAt(reader.at + 1);
  switch (character) {
    case '\\':
      return readEscape(reader, next);
    case '$':
      return next === "'" ? open(reader, 'ansi', 2) : readDollar(reader, next);
    case '`':
      return readBackquote(reader);
    case '"':
      return open(reader, 'double', 1);
    case "'":
      return open(reader, 'single', 1);
    case ')':
      return leave(reader);
    case '<':
    case '>':
      endWord(reader.context);
      reader.context.role = 'target';
      return 1;
    case '#':
      return reader.context.word === null ? readComment(reader) : readLetter(reader, character);
    default:
      return readSeparator(reader, character) ? 1 : readLetter(reader, character);
  }
}

function readInDoubleQuotes(reader: Reader, character: string): number {
  const next = reader.line.charAt(reader.at + 1);
  switch (character) {
    case '"':
      return close(reader);
    case '\\':
      return readEscape(reader, next);
    case '$':
      return readDollar(reader, next);
    case '`':
      return readBackquote(reader);
    default:
      return add(reader, character, 1);
  }
}

function readInSingleQuotes(reader: Reader, character: string): number {
  return character === "'" ? close(reader) : add(reader, character, 1);
}

/** Its escapes have many forms: a word with one of the rarer ones is left alone. */
function readInAnsiQuotes(reader: Reader, character: string): number {
  if (character === "'") return close(reader);
  if (character !== '\\') return add(reader, character, 1);
  const escaped = reader.line.charAt(reader.at + 1);
  if (escaped !== "'" && escaped !== '\\') readWord(reader).isDynamic = true;
  return add(reader, escaped, 2);
}

/** In double quotes a backslash is one, unless something stands behind it that it takes the meaning from. */
function readEscape(reader: Reader, escaped: string): number {
  const word = readWord(reader);
  word.hasQuotes = true;
  if (word.quoting === 'double' && !'$`"\\\n'.includes(escaped)) word.value += '\\';
  return add(reader, escaped === '\n' ? '' : escaped, 2);
}

/** `$( … )` is a line within the word; a variable at the front of a word can be asked for, others are not known. */
function readDollar(reader: Reader, next: string): number {
  const word = readWord(reader);
  if (next === '(') {
    word.isDynamic = true;
    reader.stack.push(reader.context);
    reader.context = startContext();
    return 2;
  }
  const [found] = VARIABLE.exec(reader.line.slice(reader.at)) ?? [];
  if (found === undefined) {
    word.isDynamic ||= next !== '';
    return add(reader, '$', 1);
  }
  if (word.value !== '') {
    word.isDynamic = true;
    return found.length;
  }
  word.value = `$${found.replace(/[${}]/g, '')}`;
  word.baseLength = word.value.length;
  return found.length;
}

function readBackquote(reader: Reader): number {
  readWord(reader).isDynamic = true;
  return 1;
}

/** The end of `$( … )`, or of a subshell. */
function leave(reader: Reader): number {
  reader.context = reader.stack.pop() ?? startContext();
  return 1;
}

function readComment(reader: Reader): number {
  const end = reader.line.indexOf('\n', reader.at);
  reader.isComment = end === -1;
  return end - reader.at;
}

/** Whether the character ends a word, or a command. */
function readSeparator(reader: Reader, character: string): boolean {
  if (SPACES.includes(character)) {
    endWord(reader.context);
    return true;
  }
  if (!OPERATORS.includes(character)) return false;
  // Within a line in a word, each parenthesis needs its own end
  if (character === '(' && reader.stack.length > 0) reader.stack.push(reader.context);
  reader.context = startContext();
  return true;
}

function readLetter(reader: Reader, character: string): number {
  const word = readWord(reader);
  const isTilde = character === '~' && word.at === reader.at;
  const isUser = word.value.startsWith('~') && word.baseLength === word.value.length && character !== '/';
  if (isTilde || isUser) word.baseLength += 1;
  return add(reader, character, 1);
}

function endWord(context: Context): void {
  const { word } = context;
  context.word = null;
  if (word === null) return;
  if (context.role === 'target') context.role = context.command === '' ? 'command' : 'argument';
  else if (context.role === 'command' && !isPrefix(word)) {
    context.command = word.value;
    context.role = 'argument';
  }
}

/** A keyword or an assignment in front of a command, which quotes would make a command of. */
function isPrefix({ value, hasQuotes }: Reading): boolean {
  return !hasQuotes && (PREFIXES.has(value) || ASSIGNMENT.test(value));
}

function readWord({ context, at }: Reader): Reading {
  context.word ??= startWord(at);
  return context.word;
}

function add(reader: Reader, text: string, length: number): number {
  readWord(reader).value += text;
  return length;
}

function open(reader: Reader, quoting: Quoting, length: number): number {
  Object.assign(readWord(reader), { quoting, hasQuotes: true });
  return length;
}

function close(reader: Reader): number {
  readWord(reader).quoting = 'none';
  return 1;
}

function startContext(): Context {
  return { role: 'command', command: '', word: null };
}

function startWord(at: number): Reading {
  return { at, value: '', quoting: 'none', baseLength: 0, isDynamic: false, hasQuotes: false };
}

function finishWord({ context, at: end }: Reader): ShellWord {
  const { role, command } = context;
  const { at, value, quoting, baseLength, isDynamic } = context.word ?? startWord(end);
  const base = value.slice(0, baseLength);
  return { at, role, command, base, value: value.slice(baseLength), quoting, isDynamic };
}
