import { type RefusedRow, refused } from './row.ts';

const FILES = 'it has a meaning in a file only; -F FILE names one';
const NO = ['no', 'false'];
const NONE = ['none'];

/** Keywords that cannot be ignored without changing the meaning of the command. */
export const REFUSED: Readonly<Record<string, RefusedRow>> = {
  BindAddress: refused('the system chooses the address'),
  BindInterface: refused('the system chooses the interface'),
  CanonicalizePermittedCNAMEs: refused('rexa follows no aliases of names', NONE),
  Host: refused(FILES),
  Include: refused(FILES),
  KnownHostsCommand: refused('known hosts are read from files only', NONE),
  Match: refused(FILES),
  NoHostAuthenticationForLocalhost: refused('every host must prove its key', NO),
  PKCS11Provider: refused('use a PKCS#11 token through ssh-agent', NONE),
  ProxyUseFdpass: refused('a program gives its connection through stdin and stdout', NO),
  PubkeyAuthentication: refused('rexa authenticates by public key only', [
    'yes',
    'true',
    'unbound',
    'host-bound',
  ]),
  Tunnel: refused('rexa forwards ports and Unix sockets, and has no tunnel devices', NO),
};
