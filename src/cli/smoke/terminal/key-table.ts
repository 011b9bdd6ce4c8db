import { findClosestName } from '../../../command-line/closest-name.ts';

/** A key, and the bytes that a terminal sends for it. */
export interface Key {
  readonly name: string;
  readonly sent: string;
  /** While the program has asked for application cursor keys (DECCKM). */
  readonly sentToApplication: string;
}

/** Keys with the same bytes in all modes. */
const PLAIN = { Enter: '\r', Tab: '\t', BTab: '\x1b[Z', BSpace: '\x7f', Escape: '\x1b', Space: ' ' } as const;
/** CSI, the modifiers, and this letter. */
const CURSOR = { Up: 'A', Down: 'B', Right: 'C', Left: 'D', Home: 'H', End: 'F' } as const;
/** SS3 and this letter; with modifiers as the cursor keys. */
const FIRST_FUNCTION_KEYS = { F1: 'P', F2: 'Q', F3: 'R', F4: 'S' } as const;
/** CSI, this number, the modifiers, and `~`. */
const NUMBERED = {
  Insert: 2,
  Delete: 3,
  PageUp: 5,
  PageDown: 6,
  F5: 15,
  F6: 17,
  F7: 18,
  F8: 19,
  F9: 20,
  F10: 21,
  F11: 23,
  F12: 24,
} as const;
/** Other names that tmux has for them. */
const ALIASES: Readonly<Record<string, string>> = {
  IC: 'Insert',
  DC: 'Delete',
  PPage: 'PageUp',
  PgUp: 'PageUp',
  NPage: 'PageDown',
  PgDn: 'PageDown',
  'S-Tab': 'BTab',
};

const NAMES = [PLAIN, CURSOR, FIRST_FUNCTION_KEYS, NUMBERED].flatMap((table) => Object.keys(table));
const CANONICAL = new Map(
  [...NAMES.map((name) => [name, name] as const), ...Object.entries(ALIASES)].map(([name, meant]) => [
    name.toLowerCase(),
    meant,
  ]),
);

interface Modifiers {
  readonly control: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
}

/**
 * Finds a key by the name that tmux has for it: `Enter`, `C-c`, `M-x`, `S-F5`, or one character.
 * @returns a sentence about a name that is none
 */
export function findKey(written: string): Key | string {
  const alias = CANONICAL.get(written.toLowerCase());
  if (alias !== undefined) return makeNamed(alias, { control: false, meta: false, shift: false });
  const [, prefix = '', rest = ''] = /^((?:[CMS]-)*)(.+)$/isu.exec(written) ?? [];
  const has = (letter: string): boolean => prefix.toUpperCase().includes(letter);
  const modifiers = { control: has('C'), meta: has('M'), shift: has('S') };
  const found = CANONICAL.get(rest.toLowerCase());
  if (found !== undefined) return makeNamed(found, modifiers);
  if ([...rest].length === 1) return makeCharacter(rest, modifiers);
  const closest = findClosestName(rest, [...NAMES, ...Object.keys(ALIASES)]);
  const hint =
    closest === null
      ? `: keys are one character, or ${NAMES.join(', ')}, with C-, M- or S- in front`
      : `; did you mean ${prefix}${closest}?`;
  return `there is no key ${written}${hint}`;
}

function makeNamed(name: string, modifiers: Modifiers): Key | string {
  const full = `${writePrefix(modifiers)}${name}`;
  const code = 1 + (modifiers.shift ? 1 : 0) + (modifiers.meta ? 2 : 0) + (modifiers.control ? 4 : 0);
  const number: number | undefined = pick(NUMBERED, name);
  if (number !== undefined) return makeKey(full, `\x1b[${number}${code === 1 ? '' : `;${code}`}~`);
  const cursor = pick(CURSOR, name);
  const letter = cursor ?? pick(FIRST_FUNCTION_KEYS, name);
  if (letter !== undefined) {
    if (code > 1) return makeKey(full, `\x1b[1;${code}${letter}`);
    return cursor === undefined
      ? makeKey(full, `\x1bO${letter}`)
      : makeKey(full, `\x1b[${letter}`, `\x1bO${letter}`);
  }
  if (name === 'Space' && modifiers.control && !modifiers.shift)
    return makeKey(full, modifiers.meta ? '\x1b\0' : '\0');
  if (modifiers.control || modifiers.shift) return `no terminal has a code for ${full}`;
  const plain = pick(PLAIN, name) ?? '';
  return makeKey(full, modifiers.meta ? `\x1b${plain}` : plain);
}

function makeCharacter(character: string, modifiers: Modifiers): Key | string {
  const full = `${writePrefix(modifiers)}${character}`;
  if (modifiers.shift) return `there is no key ${full}: write the character itself`;
  const code = modifiers.control ? controlOf(character) : character;
  if (code === null) return `no terminal has a code for ${full}`;
  return makeKey(full, modifiers.meta ? `\x1b${code}` : code);
}

/** As a terminal makes it of a key with Ctrl; null: it has none. */
function controlOf(character: string): string | null {
  if (character === '?') return '\x7f';
  if (character === '/') return '\x1f';
  return /^[@-_a-z]$/.test(character)
    ? String.fromCharCode(character.toUpperCase().charCodeAt(0) - 0x40)
    : null;
}

function makeKey(name: string, sent: string, sentToApplication = sent): Key {
  return { name, sent, sentToApplication };
}

function writePrefix({ control, meta, shift }: Modifiers): string {
  return `${control ? 'C-' : ''}${meta ? 'M-' : ''}${shift ? 'S-' : ''}`;
}

function pick<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The keys that have a sequence of their own, by what they send. */
export function listSequences(): ReadonlyMap<string, string> {
  const prefixes = ['', 'S-', 'M-', 'M-S-', 'C-', 'C-S-', 'C-M-', 'C-M-S-'];
  const keys = prefixes.flatMap((prefix) => NAMES.map((name) => findKey(`${prefix}${name}`)));
  const found = new Map<string, string>();
  for (const key of keys) {
    if (typeof key === 'string') continue;
    for (const sent of [key.sent, key.sentToApplication]) if (!found.has(sent)) found.set(sent, key.name);
  }
  found.delete(' ');
  for (const letter of '@abcdefghijklmnopqrstuvwxyz\\]^_') {
    const key = findKey(`C-${letter}`);
    if (typeof key !== 'string' && !found.has(key.sent)) found.set(key.sent, key.name);
  }
  return found;
}
