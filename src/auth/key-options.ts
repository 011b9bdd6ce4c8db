import { RexaError } from '../protocol/errors.ts';
import { type AddressPattern, parseAddressPatterns } from './address-list.ts';
import { parseExpiryTime } from './expiry-time.ts';
import { type ForwardTarget, parseForwardTarget } from './forward-target.ts';

/** What the options before a key in authorized_keys say. The default of each is what a key without options has. */
export interface KeyOptions {
  /** `restrict` was given: whatever rexa can do beyond running a command is refused unless granted by name. */
  readonly restricted: boolean;
  /** The key is an authority for certificates, and no key to log in with. */
  readonly certAuthority: boolean;
  /** The principals that the authority's certificates must have one of; null: the account's name. */
  readonly principals: readonly string[] | null;
  /** What runs in place of whatever is asked for; an empty one is one too. */
  readonly command: string | null;
  /** In order, the first of a name only. */
  readonly environment: ReadonlyMap<string, string>;
  readonly from: readonly AddressPattern[] | null;
  /** Seconds since 1970, the earliest if several were given. */
  readonly expiresAtSeconds: number | null;
  readonly permitPty: boolean;
  readonly permitPortForwarding: boolean;
  /** Null: anywhere that port forwarding is permitted to. */
  readonly permitOpen: readonly ForwardTarget[] | null;
  readonly permitListen: readonly ForwardTarget[] | null;
  readonly verifyRequired: boolean;
}

type Draft = { -readonly [Name in keyof KeyOptions]: KeyOptions[Name] } & {
  environment: Map<string, string>;
  permitOpen: ForwardTarget[] | null;
  permitListen: ForwardTarget[] | null;
};

/** Of a key without options. */
export const NO_OPTIONS: KeyOptions = {
  restricted: false,
  certAuthority: false,
  principals: null,
  command: null,
  environment: new Map(),
  from: null,
  expiresAtSeconds: null,
  permitPty: true,
  permitPortForwarding: true,
  permitOpen: null,
  permitListen: null,
  verifyRequired: false,
};

interface Flag {
  /** Whether `no-` may stand before it. */
  readonly negatable: boolean;
  readonly apply: (draft: Draft, on: boolean) => void;
}

/** Nothing in rexa stands behind these, so they neither grant nor take anything. */
const WITHOUT_MEANING: Flag = { negatable: true, apply: () => {} };

const FLAGS: ReadonlyMap<string, Flag> = new Map<string, Flag>([
  [
    'restrict',
    {
      negatable: false,
      apply: (draft) => {
        Object.assign(draft, { restricted: true, permitPty: false, permitPortForwarding: false });
      },
    },
  ],
  ['cert-authority', { negatable: false, apply: (draft, on) => (draft.certAuthority = on) }],
  ['pty', { negatable: true, apply: (draft, on) => (draft.permitPty = on) }],
  ['port-forwarding', { negatable: true, apply: (draft, on) => (draft.permitPortForwarding = on) }],
  ['verify-required', { negatable: true, apply: (draft, on) => (draft.verifyRequired = on) }],
  ['touch-required', WITHOUT_MEANING],
  ['agent-forwarding', WITHOUT_MEANING],
  ['x11-forwarding', WITHOUT_MEANING],
  ['user-rc', WITHOUT_MEANING],
]);

const VALUES: ReadonlyMap<string, (draft: Draft, value: string) => void> = new Map([
  ['command', (draft: Draft, value: string) => setOnce(draft, 'command', value)],
  ['principals', (draft: Draft, value: string) => setOnce(draft, 'principals', splitPrincipals(value))],
  ['from', (draft: Draft, value: string) => setOnce(draft, 'from', parseAddressPatterns(value))],
  ['expiry-time', addExpiry],
  ['environment', addVariable],
  [
    'permitopen',
    (draft: Draft, value: string) => {
      draft.permitOpen ??= [];
      draft.permitOpen.push(parseForwardTarget('permitopen', value));
    },
  ],
  [
    'permitlisten',
    (draft: Draft, value: string) => {
      const target = value.includes(':') ? value : `*:${value}`;
      draft.permitListen ??= [];
      draft.permitListen.push(parseForwardTarget('permitlisten', target));
    },
  ],
  ['tunnel', checkTunnel],
]);

/**
 * Reads the options of a key, as sshd does (sshd(8), AUTHORIZED_KEYS FILE FORMAT): names in any case, values in double
 * quotes in which `\"` is a quote, the later flag wins, `command`, `principals` and `from` at most once.
 * @param text all that stands before the key, without blanks outside quotes; one character for each byte of the file
 * @throws RexaError KEY_OPTION_UNKNOWN, KEY_OPTION_INVALID
 */
export function parseKeyOptions(text: string): KeyOptions {
  const draft: Draft = { ...NO_OPTIONS, environment: new Map(), permitOpen: null, permitListen: null };
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

/** A value in quotes that begins at `start`; `end` is behind the closing quote. */
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

function checkTunnel(_draft: Draft, value: string): void {
  if (!/^(?:any|[0-9]{1,10})$/i.test(value)) {
    throw new RexaError('KEY_OPTION_INVALID', ['tunnel', `${value} is no tunnel device`]);
  }
}
