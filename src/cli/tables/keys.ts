import type { CommandSpec } from '../../command-line/command-spec.ts';
import { file, flag, list, readFilledText, value } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, LOGIN_OPTIONS } from './common.ts';

/** What `rexa keys` can do. */
export const KEY_ACTIONS = ['list', 'add', 'remove', 'authorize', 'revoke', 'copy'] as const;

export type KeyAction = (typeof KEY_ACTIONS)[number];

const KEYS_OPTIONS = {
  command: value('LINE', readFilledText, 'authorize: run this line instead of the requested command', {
    verbatim: true,
  }),
  from: value(
    'LIST',
    readFilledText,
    'authorize: allow only these addresses and networks: 10.0.0.0/8,!10.0.0.1',
  ),
  restrict: flag('authorize: no terminal, no forwarding, except what other options grant'),
  pty: flag('authorize: with --restrict, allow a terminal'),
  expires: value(
    'TIME',
    readFilledText,
    'authorize: expiry time: YYYYMMDD or YYYYMMDDHHMM[SS], local time, or UTC with a final Z',
  ),
  environment: list('K=V', readAssignment, 'authorize: set a variable for each command; may be repeated'),
  'cert-authority': flag('authorize: trust the key to sign certificates, not to log in itself'),
  principals: value(
    'LIST',
    readFilledText,
    'authorize: with --cert-authority, the principals of which a certificate must have one',
  ),
  to: file(
    'authorize: file to add the key to. Default: the first that the daemon reads, ~/.config/rexa/authorized_keys',
    'FILE',
    readFilledText,
  ),
  'daemon-config': file(
    'list --authorized, authorize, revoke: configuration of the daemon, for its authorized-keys and revoked-keys. ' +
      'Default: /etc/rexad/USER.yaml if it exists',
    'FILE',
    readFilledText,
  ),
  authorized: flag('list: show the keys that may log in here, instead of known hosts and own keys'),
  file: file(
    'revoke: file to remove the key from. Default: as for --to. list --authorized: file to show',
    'FILE',
    readFilledText,
  ),
  json: flag('list: print one line of JSON'),
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa keys`. */
export const KEYS_COMMAND: CommandSpec<typeof KEYS_OPTIONS> = {
  name: 'rexa keys',
  summary: 'Manage known hosts, own keys and authorized keys',
  usage: [
    'rexa keys list [--authorized] [--json]',
    'rexa keys add HOST [FINGERPRINT | TYPE KEY | -]',
    'rexa keys remove HOST',
    'rexa keys authorize [OPTIONS] [FILE | -]',
    'rexa keys revoke [--file FILE] FINGERPRINT | FILE | -',
    'rexa keys copy HOST [FILE | -]',
  ],
  about:
    'list shows the known hosts and the keys to log in with; with --authorized, the keys that may log in here. add trusts ' +
    "a host: it shows the host's key and asks for confirmation, or takes the key or its fingerprint as an argument. " +
    'remove removes a host from the known hosts. authorize allows the public keys in FILE, or on stdin, to log in here. ' +
    'revoke removes a key, named by its fingerprint or its public key file. copy authorizes the public keys in FILE, or ' +
    "all own keys, at HOST, like ssh-copy-id; it needs rexa in the host's PATH.",
  operands: ['ACTION', 'WHAT'],
  takesRest: true,
  operandChoices: { ACTION: KEY_ACTIONS },
  options: KEYS_OPTIONS,
  examples: [
    { line: 'rexa keys list', about: 'known hosts and own keys' },
    { line: 'rexa keys add build1', about: 'show the key of the host and ask' },
    { line: 'rexa keys add build1 SHA256:Zk1…', about: 'trust build1 if it has this key' },
    { line: 'rexa keys remove build1', about: 'after build1 got a new key' },
    { line: 'rexa keys copy ssh://build1 id_ed25519.pub', about: 'allow this key to log in at build1' },
    { line: 'rexa keys authorize id_ed25519.pub', about: 'allow this key to log in here' },
    { line: 'rexa keys list --authorized', about: 'keys that may log in here' },
    { line: 'rexa keys revoke SHA256:Zk1…', about: 'remove this key' },
    {
      line: "rexa keys authorize --restrict --command 'backup' id_backup.pub",
      about: 'for one command only',
    },
  ],
};

function readAssignment(text: string): string {
  if (/^[A-Za-z0-9_]+=/.test(text)) return text;
  throw usageError(`${quoteWord(text)} is not of the form NAME=VALUE`);
}
