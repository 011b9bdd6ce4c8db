import { type HarmlessRow, harmless, missed } from './row.ts';

const NO = ['no', 'false'];

const TLS = 'TLS 1.3 chooses';
const OWN_CONNECTION = 'each call makes a connection of its own';
const OTHER_LOGINS = 'rexa proves keys, and asks for no password';
const NO_GSSAPI = 'rexa has no GSSAPI';
const NO_X11 = 'nothing of X11 is forwarded';
const NOTHING_FORWARDED = 'nothing is forwarded';
const NO_NAMES_CHANGED = 'names are taken as they are';
const KNOWN_HOSTS = 'rexa has one format of known hosts, and says SHA256 fingerprints';
const OLD = 'means nothing in ssh either any more';

/** What may be given and changes nothing. */
export const HARMLESS: Readonly<Record<string, HarmlessRow>> = {
  AddKeysToAgent: harmless('keys are not added to an agent'),
  CanonicalDomains: harmless(NO_NAMES_CHANGED),
  CanonicalizeFallbackLocal: harmless(NO_NAMES_CHANGED),
  CanonicalizeMaxDots: harmless(NO_NAMES_CHANGED),
  CanonicalizePermittedCNAMEs: harmless(NO_NAMES_CHANGED),
  CASignatureAlgorithms: harmless(TLS),
  ChallengeResponseAuthentication: harmless(OTHER_LOGINS),
  ChannelTimeout: harmless('a channel is open as long as its command runs'),
  CheckHostIP: harmless('a host is known by its name'),
  Ciphers: harmless(TLS),
  Compression: harmless('nothing is compressed (`-C`)'),
  CompressionLevel: harmless(OLD),
  ControlMaster: harmless(OWN_CONNECTION),
  ControlPath: harmless(OWN_CONNECTION),
  ControlPersist: harmless(OWN_CONNECTION),
  EnableEscapeCommandline: harmless('the escapes have no command line'),
  EnableSSHKeysign: harmless(OTHER_LOGINS),
  ExitOnForwardFailure: harmless(NOTHING_FORWARDED),
  FingerprintHash: harmless(KNOWN_HOSTS),
  ForwardAgent: missed(
    'taken with a word that no agent is forwarded, unless it is `no` (`-A`, `-a`)',
    NO,
    'no agent is forwarded in this version of rexa',
  ),
  ForwardX11: missed(
    'taken with a word that no X11 is forwarded, unless it is `no` (`-X`, `-Y`, `-x`)',
    NO,
    'no X11 is forwarded in this version of rexa',
  ),
  ForwardX11Timeout: harmless(NO_X11),
  ForwardX11Trusted: harmless(NO_X11),
  GatewayPorts: harmless(NOTHING_FORWARDED),
  GlobalKnownHostsFile: harmless('hosts are known by `UserKnownHostsFile` alone'),
  GSSAPIAuthentication: harmless(NO_GSSAPI),
  GSSAPIClientIdentity: harmless(NO_GSSAPI),
  GSSAPIDelegateCredentials: harmless(`${NO_GSSAPI} (\`-K\`, \`-k\`)`),
  GSSAPIKexAlgorithms: harmless(NO_GSSAPI),
  GSSAPIKeyExchange: harmless(NO_GSSAPI),
  GSSAPIRenewalForcesRekey: harmless(NO_GSSAPI),
  GSSAPIServerIdentity: harmless(NO_GSSAPI),
  GSSAPITrustDns: harmless(NO_GSSAPI),
  HashKnownHosts: harmless(KNOWN_HOSTS),
  HostbasedAcceptedAlgorithms: harmless(OTHER_LOGINS),
  HostbasedAuthentication: harmless(OTHER_LOGINS),
  HostKeyAlgorithms: harmless('the host shows the one key that it has'),
  IPQoS: harmless('the system chooses'),
  KbdInteractiveAuthentication: harmless(OTHER_LOGINS),
  KbdInteractiveDevices: harmless(OTHER_LOGINS),
  KexAlgorithms: harmless(TLS),
  LocalCommand: harmless('runs only where `PermitLocalCommand` permits it, which is refused'),
  LogVerbose: harmless('`-vvv` says all there is'),
  MACs: harmless(TLS),
  NumberOfPasswordPrompts: harmless(OTHER_LOGINS),
  ObscureKeystrokeTiming: harmless('keys leave as they are typed'),
  PasswordAuthentication: harmless(OTHER_LOGINS),
  PermitRemoteOpen: harmless(NOTHING_FORWARDED),
  Protocol: harmless(OLD),
  PubkeyAcceptedAlgorithms: harmless('a key signs in the one way that it has'),
  RekeyLimit: harmless(TLS),
  RequiredRSASize: harmless('2048 bits are the least here'),
  SecurityKeyProvider: harmless('FIDO keys are used through an agent'),
  StreamLocalBindMask: harmless(NOTHING_FORWARDED),
  StreamLocalBindUnlink: harmless(NOTHING_FORWARDED),
  SyslogFacility: harmless('messages go to stderr or to the file of `-E`'),
  TCPKeepAlive: harmless('a peer that is gone is found by `ServerAliveInterval`'),
  Tag: harmless('it means something in files of ssh alone'),
  TunnelDevice: harmless(NOTHING_FORWARDED),
  UpdateHostKeys: harmless('a host has one key'),
  UsePrivilegedPort: harmless(OLD),
  VerifyHostKeyDNS: harmless('hosts are not looked up there'),
  VersionAddendum: harmless('rexa says its own name and version'),
  VisualHostKey: harmless(KNOWN_HOSTS),
  XAuthLocation: harmless(NO_X11),
};
