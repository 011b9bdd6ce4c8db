import path from 'node:path';
import { RexaError } from '../protocol/errors.ts';
import { type AddressPattern, parseAddressPatterns } from './address-list.ts';
import { parseExpiryTime } from './expiry-time.ts';
import { type ForwardTarget, parseForwardTarget, parseListenTarget } from './forward-target.ts';
import type { FileRight, SessionRight } from './principal.ts';

/** The options of a key in authorized_keys. The defaults are those of a key without options. */
export interface KeyOptions {
  /** `restrict`: everything but running commands is refused unless another option permits it. */
  readonly restricted: boolean;
  /** The key signs certificates and cannot log in. */
  readonly certAuthority: boolean;
  /** Accepted principals of the authority's certificates; null for the account name. */
  readonly principals: readonly string[] | null;
  /** The forced command, possibly empty; null for none. */
  readonly command: string | null;
  /** In order; only the first of each name. To be filtered like a client's variables. */
  readonly environment: ReadonlyMap<string, string>;
  readonly from: readonly AddressPattern[] | null;
  /** Seconds since 1970; the earliest of several; null for none. */
  readonly expiresAtSeconds: number | null;
  readonly permitPty: boolean;
  readonly permitAgentForwarding: boolean;
  /** Null: not said. */
  readonly permitPortForwarding: boolean | null;
  /** Null: any target, if port forwarding is permitted. */
  readonly permitOpen: readonly ForwardTarget[] | null;
  readonly permitListen: readonly ForwardTarget[] | null;
  /** `rexa-files`, which sshd does not know. Null: not said. */
  readonly files: readonly FileRight[] | null;
  /** `rexa-sessions`, which sshd does not know either: these, and nothing else. Null: not said. */
  readonly sessions: readonly SessionRight[] | null;
  /** Whether the token of a FIDO key must attest a touch, and that it verified its user; without effect on other keys. */
  readonly touchRequired: boolean;
  readonly verifyRequired: boolean;
}

type Draft = { -readonly [Name in keyof KeyOptions]: KeyOptions[Name] } & {
  environment: Map<string, string>;
};

/** The options that may be given several times, each with one more of these. */
interface Lists {
  readonly permitOpen: ForwardTarget;
  readonly permitListen: ForwardTarget;
  readonly files: FileRight;
  readonly sessions: SessionRight;
}

/** The options of a key without any. */
export const NO_OPTIONS: KeyOptions = {
  restricted: false,
  certAuthority: false,
  principals: null,
  command: null,
  environment: new Map(),
  from: null,
  expiresAtSeconds: null,
  permitPty: true,
  permitAgentForwarding: true,
  permitPortForwarding: null,
  permitOpen: null,
  permitListen: null,
  files: null,
  sessions: null,
  touchRequired: true,
  verifyRequired: false,
};

interface Flag {
  /** Whether it can be negated with `no-`. */
  readonly negatable: boolean;
  readonly apply: (draft: Draft, on: boolean) => void;
}

/** For options of features that rexa does not have. */
const WITHOUT_MEANING: Flag = { negatable: true, apply: () => {} };

/** What `restrict` says. */
const RESTRICTED: Partial<KeyOptions> = {
  restricted: true,
  permitPty: false,
  permitAgentForwarding: false,
  permitPortForwarding: false,
};

const FLAGS: ReadonlyMap<string, Flag> = new Map<string, Flag>([
  ['restrict', { negatable: false, apply: (draft) => Object.assign(draft, RESTRICTED) }],
  ['cert-authority', { negatable: false, apply: (draft, on) => (draft.certAuthority = on) }],
  ['pty', { negatable: true, apply: (draft, on) => (draft.permitPty = on) }],
  ['agent-forwarding', { negatable: true, apply: (draft, on) => (draft.permitAgentForwarding = on) }],
  ['port-forwarding', { negatable: true, apply: (draft, on) => (draft.permitPortForwarding = on) }],
  ['verify-required', { negatable: true, apply: (draft, on) => (draft.verifyRequired = on) }],
  ['touch-required', { negatable: true, apply: (draft, on) => (draft.touchRequired = on) }],
  ['x11-forwarding', WITHOUT_MEANING],
  ['user-rc', WITHOUT_MEANING],
]);

const VALUES: ReadonlyMap<string, (draft: Draft, value: string) => void> = new Map([
  ['command', (draft: Draft, value: string) => setOnce(draft, 'command', value)],
  ['principals', (draft: Draft, value: string) => setOnce(draft, 'principals', splitPrincipals(value))],
  ['from', (draft: Draft, value: string) => setOnce(draft, 'from', parseAddressPatterns(value))],
  ['expiry-time', addExpiry],
  ['environment', addVariable],
  ['permitopen', adds('permitOpen', (value) => parseForwardTarget('permitopen', value))],
  ['permitlisten', adds('permitListen', (value) => parseListenTarget('permitlisten', value))],
  ['rexa-files', adds('files', parseFileRight)],
  ['rexa-sessions', adds('sessions', parseSessionRight)],
  ['tunnel', checkTunnel],
]);

/**
 * Parses the options of a key like sshd (sshd(8), AUTHORIZED_KEYS FILE FORMAT): names are case-insensitive, values are in
 * double quotes with `\"` for a quote, the last flag wins, and `command`, `principals` and `from` occur at most once.
 * @param text everything before the key, without blanks outside quotes; one character for each byte (latin1)
 * @throws RexaError KEY_OPTION_UNKNOWN, KEY_OPTION_INVALID
 */
export function parseKeyOptions(text: string): KeyOptions {
  const draft: Draft = { ...NO_OPTIONS, environment: new Map() };
  let at = 0;
  while (at < text.length) {
    const name = /[^,="]*/y;
    name.lastIndex = at;
    const word = name.exec(text)?.[0] ?? '';
    at += word.length;
    if (text[at] === '=') {
      const { value, end } = readQuoted(text, at + 1, word);
      applyValue(draft, word, value);
      at = end;
    } else if (word !== '') {
      applyFlag(draft, word);
    }
    if (at < text.length && text[at] !== ',') throw new RexaError('KEY_OPTION_UNKNOWN', [text.slice(at)]);
    at++;
  }
  return draft;
}

function applyFlag(draft: Draft, word: string): void {
  const lower = word.toLowerCase();
  const plain = FLAGS.get(lower);
  if (plain !== undefined) return plain.apply(draft, true);
  const negated = lower.startsWith('no-') ? FLAGS.get(lower.slice('no-'.length)) : undefined;
  if (negated?.negatable) return negated.apply(draft, false);
  if (VALUES.has(lower))
    throw new RexaError('KEY_OPTION_INVALID', [word, 'it needs a value in double quotes']);
  throw new RexaError('KEY_OPTION_UNKNOWN', [word]);
}

function applyValue(draft: Draft, word: string, value: string): void {
  const apply = VALUES.get(word.toLowerCase());
  if (apply === undefined) throw new RexaError('KEY_OPTION_UNKNOWN', [word]);
  apply(draft, value);
}

/** Parses a quoted value at `start`; `end` is the index after the closing quote. */
function readQuoted(text: string, start: number, name: string): { value: string; end: number } {
  if (text[start] !== '"')
    throw new RexaError('KEY_OPTION_INVALID', [name, 'its value is not in double quotes']);
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text.startsWith('\\"', end) ? 2 : 1;
  if (end >= text.length) throw new RexaError('KEY_OPTION_INVALID', [name, 'its closing quote is missing']);
  const bytes = Buffer.from(text.slice(start + 1, end).replaceAll('\\"', '"'), 'latin1');
  try {
    return { value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), end: end + 1 };
  } catch (cause) {
    throw new RexaError('KEY_OPTION_INVALID', [name, 'its value is not UTF-8'], { cause });
  }
}

function setOnce<Name extends 'command' | 'principals' | 'from'>(
  draft: Draft,
  name: Name,
  value: Draft[Name],
): void {
  if (draft[name] !== null) throw new RexaError('KEY_OPTION_INVALID', [name, 'it is given twice']);
  draft[name] = value;
}

function adds<Name extends keyof Lists>(
  name: Name,
  parse: (value: string) => Lists[Name],
): (draft: Draft, value: string) => void {
  return (draft, value) => Object.assign(draft, { [name]: [...(draft[name] ?? []), parse(value)] });
}

function splitPrincipals(value: string): readonly string[] {
  return value.split(',').filter((principal) => principal !== '');
}

function addExpiry(draft: Draft, value: string): void {
  const seconds = parseExpiryTime(value);
  draft.expiresAtSeconds = Math.min(seconds, draft.expiresAtSeconds ?? seconds);
}

function addVariable(draft: Draft, value: string): void {
  const [, name, content] = /^([A-Za-z0-9_]+)=(.*)$/s.exec(value) ?? [];
  if (name === undefined || content === undefined) {
    throw new RexaError('KEY_OPTION_INVALID', ['environment', 'NAME=VALUE is expected']);
  }
  if (!draft.environment.has(name)) draft.environment.set(name, content);
}

/** `read:/folder` or `write:/folder`. @throws RexaError KEY_OPTION_INVALID */
function parseFileRight(value: string): FileRight {
  const [, access, folder] = /^(read|write):(\/.*)$/s.exec(value) ?? [];
  if (folder === undefined || folder.includes('\0'))
    throw new RexaError('KEY_OPTION_INVALID', ['rexa-files', 'read:/FOLDER or write:/FOLDER is expected']);
  return { access: access === 'read' ? 'read' : 'write', folder: path.resolve(folder) };
}

/** `view:NAME` or `drive:NAME`. @throws RexaError KEY_OPTION_INVALID */
function parseSessionRight(value: string): SessionRight {
  const [, mode, name] = /^(view|drive):([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/.exec(value) ?? [];
  if (name === undefined)
    throw new RexaError('KEY_OPTION_INVALID', ['rexa-sessions', 'view:NAME or drive:NAME is expected']);
  return { mode: mode === 'drive' ? 'drive' : 'view', name };
}

function checkTunnel(_draft: Draft, value: string): void {
  if (!/^(?:any|[0-9]{1,10})$/i.test(value)) {
    throw new RexaError('KEY_OPTION_INVALID', ['tunnel', `${value} is no tunnel device`]);
  }
}
