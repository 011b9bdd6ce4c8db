import fs from 'node:fs';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { MAX_TIMEOUT_MS } from '../../protocol/limits.ts';

/** Reads the value of a keyword. @throws RexaError USAGE with a sentence about the value, without the keyword */
export type ReadValue<Value> = (text: string) => Value;

/** One of some words, capitals aside; each stands for a value. */
export function readChoice<Value>(choices: Readonly<Record<string, Value>>): ReadValue<Value> {
  const names = Object.keys(choices);
  return (text) => {
    const name = names.find((known) => known.toLowerCase() === text.toLowerCase());
    if (name === undefined) throw usageError(`${quoteWord(text)} is not one of ${names.join(', ')}`);
    return choices[name] as Value;
  };
}

export const readYesNo = readChoice({ yes: true, no: false, true: true, false: false });

/** The socket of an agent: a path, or a variable that holds one. */
export const readAgentSocket: ReadValue<string> = (text) => {
  if (text.startsWith('$') && !text.startsWith('${') && !/^\$[A-Za-z_][A-Za-z0-9_]*$/.test(text))
    throw usageError(`Invalid environment name ${quoteWord(text)}`);
  return readText(text);
};

/** How long a shared connection is kept: `yes` and 0 mean for ever. */
export const readPersist: ReadValue<number> = (text) => {
  if (/^(?:yes|true)$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^(?:no|false)$/i.test(text)) return 0;
  return readTimeMs(text) || Number.POSITIVE_INFINITY;
};

/** A whole number within bounds. */
export function readNumber(least: number, most: number): ReadValue<number> {
  return (text) => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw usageError(`${quoteWord(text)} is not a number from ${least} to ${most}`);
  };
}

const MAX_PORT = 65_535;
const SERVICES = '/etc/services';

/** A port: a number, or the name of a service over TCP, as services(5) has it. */
export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : findService(text);
  if (port !== null && port >= 1 && port <= MAX_PORT) return port;
  throw usageError(`${quoteWord(text)} is neither a number from 1 to ${MAX_PORT} nor a service name`);
}

function findService(name: string): number | null {
  for (const line of readServices().split('\n')) {
    const [service, port = '', ...aliases] = line.replace(/#.*/s, '').trim().split(/\s+/);
    const isIt = service === name || aliases.includes(name);
    if (isIt && /^\d{1,5}\/tcp$/.test(port)) return Number.parseInt(port, 10);
  }
  return null;
}

function readServices(): string {
  try {
    return fs.readFileSync(SERVICES, 'utf8');
  } catch {
    return '';
  }
}

const MS_OF_UNIT: Readonly<Record<string, number>> = {
  '': 1_000,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** TIME FORMATS of sshd_config(5): `10`, `90s`, `1h30m`, `1w`. What is longer than a timer can hold is as long as that. */
export function readTimeMs(text: string): number {
  const parts = [...text.matchAll(/(\d+)([smhdw]?)/gi)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join('') === text;
  if (!isWhole) throw usageError(`${quoteWord(text)} is not a time; write it as 10, 90s or 1h30m`);
  const sum = parts.reduce(
    (ms, [, count, unit = '']) => ms + Number(count) * (MS_OF_UNIT[unit.toLowerCase()] ?? 0),
    0,
  );
  return Math.min(sum, MAX_TIMEOUT_MS);
}

/** Any text but an empty one. */
export function readText(text: string): string {
  if (text === '') throw usageError('a value is missing');
  return text;
}

/** A domain, in small letters and without a final dot. */
export function readDomain(text: string): string {
  const domain = text.toLowerCase().replace(/\.$/, '');
  if (!/^(?!\.)[\w.-]+$/.test(domain)) throw usageError(`${quoteWord(text)} is not a domain`);
  return domain;
}

/** Signs that no user name has, and that a shell could take for syntax where a command has `%r`, as OpenSSH refuses them. */
const NO_USER = /^-|[\p{Cc}'`";&<>|(){}]|\s-|\\$/u;

/** The name of a user. */
export function readUser(text: string): string {
  if (text === '') throw usageError('a value is missing');
  if (NO_USER.test(text)) throw usageError('remote username contains invalid characters');
  return text;
}

/** A character, `^` and a letter, or `none`. */
export function readEscape(text: string): string | null {
  if (text.toLowerCase() === 'none') return null;
  if ([...text].length === 1 && text.charCodeAt(0) < 0x80) return text;
  // As ssh has it: the letter without its upper bits
  if (/^\^[\x40-\x7e]$/.test(text)) return String.fromCharCode(text.charCodeAt(1) & 0x1f);
  throw usageError(`${quoteWord(text)} is not one character, ^ and a letter, or none`);
}

/** The name of a variable, or a pattern; `-` in front takes back names. */
export function readVariablePattern(text: string): string {
  if (text === '' || text.includes('=')) throw usageError(`${quoteWord(text)} is not the name of a variable`);
  return text;
}

/** `NAME=VALUE`. The value may be byte text, the name may not. */
export function readAssignment(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`${quoteWord(text)} is not of the form NAME=VALUE`);
  const name = text.slice(0, equals);
  if (!name.isWellFormed())
    throw usageError(`the name of the variable ${quoteWord(name)} is not valid UTF-8`);
  return [name, text.slice(equals + 1)];
}
