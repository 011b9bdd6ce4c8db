import { type RefusedRow, refused } from './row.ts';

const NOT_YET = 'is not in this version of rexa';
const NO_PROXY = `${NOT_YET}: hosts are reached directly`;
const FILES = 'belongs into a file of ssh, which rexa does not read';
const NO = ['no', 'false'];
const NONE = ['none'];

/** What would mean something else than what was asked for, and is refused by name. */
export const REFUSED: Readonly<Record<string, RefusedRow>> = {
  BindAddress: refused(`${NOT_YET}: the system chooses the address`),
  BindInterface: refused(`${NOT_YET}: the system chooses the interface`),
  CanonicalizeHostname: refused(`${NOT_YET}: names are taken as they are`, [...NO, ...NONE]),
  Host: refused(FILES),
  Include: refused(FILES),
  KnownHostsCommand: refused(`${NOT_YET}: hosts are known by files`, NONE),
  Match: refused(FILES),
  NoHostAuthenticationForLocalhost: refused('is not for rexa: every host proves its key', NO),
  PKCS11Provider: refused(`${NOT_YET}: a token is used through ssh-agent`, NONE),
  ProxyCommand: refused(NO_PROXY, NONE),
  ProxyJump: refused(NO_PROXY, NONE),
  ProxyUseFdpass: refused(NO_PROXY, NO),
  PubkeyAuthentication: refused('is not for rexa: it proves keys, and nothing else', [
    'yes',
    'true',
    'unbound',
    'host-bound',
  ]),
  RevokedHostKeys: refused(`${NOT_YET}: a host is forgotten by removing its line from the known hosts`, NONE),
  Tunnel: refused(`${NOT_YET}: nothing is forwarded yet`, NO),
};
