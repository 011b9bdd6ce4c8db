import type { CommandSpec } from '../../command-line/command-spec.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, LOGIN_OPTIONS } from './common.ts';

/** What `rexa keys` can do. */
export const KEY_ACTIONS = ['list', 'add', 'remove', 'authorize', 'revoke'] as const;

export type KeyAction = (typeof KEY_ACTIONS)[number];

const KEYS_OPTIONS = {
  command: {
    kind: 'value',
    placeholder: 'LINE',
    read: readText,
    verbatim: true,
    about: 'authorize: run this line in place of whatever is asked for',
  },
  from: {
    kind: 'value',
    placeholder: 'LIST',
    read: readText,
    about: 'authorize: only from these addresses and networks: 10.0.0.0/8,!10.0.0.1',
  },
  restrict: { kind: 'flag', about: 'authorize: no terminal, no forwarding; what else is named is granted' },
  pty: { kind: 'flag', about: 'authorize: a terminal after all, with --restrict' },
  expires: {
    kind: 'value',
    placeholder: 'TIME',
    read: readText,
    about: 'authorize: until then: YYYYMMDD, or YYYYMMDDHHMM[SS], local time, or UTC with Z behind it',
  },
  environment: {
    kind: 'list',
    placeholder: 'K=V',
    read: readAssignment,
    about: 'authorize: a variable for every command; may be repeated',
  },
  'cert-authority': {
    kind: 'flag',
    about: 'authorize: the key signs certificates, and does not log in itself',
  },
  principals: {
    kind: 'value',
    placeholder: 'LIST',
    read: readText,
    about: 'authorize: with --cert-authority, names of which a certificate must hold one',
  },
  to: {
    kind: 'value',
    placeholder: 'FILE',
    read: readText,
    choices: 'files',
    about: 'authorize: the file to add to. Default: ~/.config/rexa/authorized_keys',
  },
  authorized: { kind: 'flag', about: 'list: who may log in here, instead of hosts and own keys' },
  file: {
    kind: 'value',
    placeholder: 'FILE',
    read: readText,
    choices: 'files',
    about:
      'revoke: the file to remove from. Default: ~/.config/rexa/authorized_keys. list --authorized: the one to show',
  },
  json: { kind: 'flag', about: 'list: one line of JSON on stdout' },
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa keys`. */
export const KEYS_COMMAND: CommandSpec<typeof KEYS_OPTIONS> = {
  name: 'rexa keys',
  summary: 'Known hosts, own keys, and who may log in here',
  usage: [
    'rexa keys list [--authorized] [--json]',
    'rexa keys add HOST [FINGERPRINT | TYPE KEY | -]',
    'rexa keys remove HOST',
    'rexa keys authorize [OPTIONS] [FILE | -]',
    'rexa keys revoke [--file FILE] FINGERPRINT | FILE | -',
  ],
  about:
    'list shows the hosts that are known, and the keys that there are to log in with; with --authorized, who may log in here. add makes a host known: it asks ' +
    'the host for its key and you whether that is the right one, or takes the key or its fingerprint from you. ' +
    'remove forgets a host. authorize lets the public keys of FILE, or of stdin, log in here. revoke removes a key again, ' +
    'named by its fingerprint or by its public file.',
  operands: ['ACTION', 'WHAT'],
  takesRest: true,
  operandChoices: { ACTION: KEY_ACTIONS },
  options: KEYS_OPTIONS,
  examples: [
    { line: 'rexa keys list', about: 'what is known, and what there is' },
    { line: 'rexa keys add build1', about: 'asks the host, then you' },
    { line: 'rexa keys add build1 SHA256:Zk1…', about: 'asks the host, which must have this key' },
    { line: 'rexa keys remove build1', about: 'after a new key on purpose' },
    { line: 'rexa keys authorize id_ed25519.pub', about: 'lets this key log in here' },
    { line: 'rexa keys list --authorized', about: 'who may log in here' },
    { line: 'rexa keys revoke SHA256:Zk1…', about: 'no longer lets this key log in' },
    {
      line: "rexa keys authorize --restrict --command 'backup' id_backup.pub",
      about: 'for one command alone',
    },
  ],
};

function readText(text: string): string {
  if (text === '') throw usageError('a text is needed');
  return text;
}

function readAssignment(text: string): string {
  if (/^[A-Za-z0-9_]+=/.test(text)) return text;
  throw usageError(`${quoteWord(text)} is not of the form NAME=VALUE`);
}
