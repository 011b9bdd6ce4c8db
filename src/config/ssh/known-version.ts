/** The OpenSSH whose options and keywords rexa knows; docs/drop-in.md lists them. `Match version` is compared with it. */
export const KNOWN_OPENSSH = 'OpenSSH_9.2';
