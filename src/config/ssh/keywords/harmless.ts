import { type HarmlessRow, harmless, missed, obsolete } from './row.ts';

const NO = ['no', 'false'];

const TLS = 'TLS 1.3 negotiates this';
const OTHER_LOGINS = 'rexa authenticates by public key only';
const NO_GSSAPI = 'rexa has no GSSAPI';
const NO_X11 = 'X11 is not forwarded';
const NO_TUNNEL = 'rexa has no tunnel devices';
const KNOWN_HOSTS = 'rexa has one known_hosts format and prints SHA256 fingerprints';

/** Keywords that are accepted and have no effect. */
export const HARMLESS: Readonly<Record<string, HarmlessRow>> = {
  AddKeysToAgent: harmless('rexa does not add keys to an agent'),
  ChallengeResponseAuthentication: harmless(OTHER_LOGINS),
  ChannelTimeout: harmless('a channel stays open as long as its command runs'),
  CheckHostIP: harmless('known hosts are identified by name'),
  Ciphers: harmless(TLS),
  Compression: harmless('rexa has no compression (`-C`)'),
  EnableSSHKeysign: harmless(OTHER_LOGINS),
  FingerprintHash: harmless(KNOWN_HOSTS),
  ForwardX11: missed(
    'ignored with a warning, unless it is `no` (`-X`, `-Y`, `-x`): X11 is not forwarded',
    NO,
    'X11 forwarding is not supported',
  ),
  ForwardX11Timeout: harmless(NO_X11),
  ForwardX11Trusted: harmless(NO_X11),
  GSSAPIAuthentication: harmless(NO_GSSAPI),
  GSSAPIClientIdentity: harmless(NO_GSSAPI),
  GSSAPIDelegateCredentials: harmless(`${NO_GSSAPI} (\`-K\`, \`-k\`)`),
  GSSAPIKexAlgorithms: harmless(NO_GSSAPI),
  GSSAPIKeyExchange: harmless(NO_GSSAPI),
  GSSAPIRenewalForcesRekey: harmless(NO_GSSAPI),
  GSSAPIServerIdentity: harmless(NO_GSSAPI),
  GSSAPITrustDns: harmless(NO_GSSAPI),
  HostbasedAcceptedAlgorithms: harmless(OTHER_LOGINS),
  HostbasedAuthentication: harmless(OTHER_LOGINS),
  IPQoS: harmless('the system chooses it'),
  KbdInteractiveAuthentication: harmless(OTHER_LOGINS),
  KbdInteractiveDevices: harmless(OTHER_LOGINS),
  KexAlgorithms: harmless(TLS),
  LogVerbose: harmless('`-vvv` prints all messages'),
  MACs: harmless(TLS),
  NumberOfPasswordPrompts: harmless(OTHER_LOGINS),
  ObscureKeystrokeTiming: harmless('keys are sent as they are typed'),
  PasswordAuthentication: harmless(OTHER_LOGINS),
  Protocol: harmless('2 is the only SSH protocol (`-2`)'),
  PubkeyAcceptedAlgorithms: harmless('each key type has one signature algorithm'),
  RekeyLimit: harmless(TLS),
  RequiredRSASize: harmless('the minimum is always 2048 bits'),
  SecurityKeyProvider: harmless('FIDO keys are used through an agent'),
  StreamLocalBindMask: harmless('a Unix socket that a forwarding makes has mode 0600'),
  SyslogFacility: harmless('messages go to stderr or to the file given with `-E`'),
  TCPKeepAlive: harmless('`ServerAliveInterval` detects dead peers'),
  TunnelDevice: harmless(NO_TUNNEL),
  UseKeychain: harmless('the ssh-agent of macOS reads the keychain itself'),
  VersionAddendum: harmless('rexa sends its own name and version'),
  VisualHostKey: harmless(KNOWN_HOSTS),
  WarnWeakCrypto: harmless(TLS),
  XAuthLocation: harmless(NO_X11),
  AFSTokenPassing: obsolete('Unsupported'),
  Cipher: obsolete('Deprecated'),
  CompressionLevel: obsolete('Unsupported'),
  FallBackToRsh: obsolete('Deprecated'),
  GlobalKnownHostsFile2: obsolete('Deprecated'),
  KerberosAuthentication: obsolete('Unsupported'),
  KerberosTGTPassing: obsolete('Unsupported'),
  RhostsAuthentication: obsolete('Deprecated'),
  RhostsRSAAuthentication: obsolete('Unsupported'),
  RSAAuthentication: obsolete('Unsupported'),
  UsePrivilegedPort: obsolete('Deprecated'),
  UserKnownHostsFile2: obsolete('Deprecated'),
  UseRoaming: obsolete('Deprecated'),
  UseRsh: obsolete('Deprecated'),
};
