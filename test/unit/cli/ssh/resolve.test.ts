import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveWords } from '../../../../src/cli/ssh/resolve.ts';
import { SSH_COMMAND } from '../../../../src/cli/tables/ssh.ts';
import { findOption } from '../../../../src/command-line/option-table.ts';
import { parseWords } from '../../../../src/command-line/parse-words.ts';
import { addressOf } from '../../../../src/config/ssh/address-of.ts';
import { KEYWORDS } from '../../../../src/config/ssh/keywords/find-keyword.ts';

/** Words apart by blanks; `~` stands for a blank in a word. */
const split = (line: string): readonly string[] => line.split(' ').map((word) => word.replaceAll('~', ' '));
const resolve = (line: string) => resolveWords(parseWords(SSH_COMMAND, split(line)).said);

describe('the words of ssh', () => {
  it.each([
    ['-p7522 h', { port: 7522 }],
    ['-p 7522 h', { port: 7522 }],
    ['h -p 7522', { port: 7522 }],
    ['-oPort=1 h', { port: 1 }],
    ['-o Port=1 h', { port: 1 }],
    ['-o Port~1 h', { port: 1 }],
    ['-oport~=~1 h', { port: 1 }],
    ['-nq h', { stdinNull: true, logLevel: 'QUIET' }],
    ['-v h', { logLevel: 'DEBUG' }],
    ['-vvvv h', { logLevel: 'DEBUG3' }],
    ['-qv h', { logLevel: 'DEBUG' }],
    ['-o LogLevel=ERROR -v h', { logLevel: 'DEBUG' }],
    ['-v -o LogLevel=ERROR h', { logLevel: 'DEBUG' }],
    ['-o LogLevel=DEBUG2 -v h', { logLevel: 'DEBUG' }],
    ['-o LogLevel=DEBUG2 -vv h', { logLevel: 'DEBUG2' }],
    ['-n4x h', { stdinNull: true, addressFamily: 'inet' }],
    ['-6 h', { addressFamily: 'inet6' }],
    ['-nvvp1 h', { stdinNull: true, port: 1, logLevel: 'DEBUG2' }],
    ['-T h', { requestTty: 'no' }],
    ['-ione -i two h', { identityFile: ['one', 'two'] }],
    ['-i one -o IdentityFile=two -o IdentityFile="a~b" h', { identityFile: ['one', 'two', 'a b'] }],
    ['-enone h', { escapeChar: null }],
    ['-e ^B h', { escapeChar: '\x02' }],
    ['-e % h', { escapeChar: '%' }],
    ['me@h', { user: 'me' }],
    ['ssh://me@h:22', { user: 'me', port: 22 }],
    ['-o BatchMode=yes -o IdentitiesOnly=True h', { batchMode: true, identitiesOnly: true }],
    ['-o ConnectTimeout=5 h', { connectTimeoutMs: 5000 }],
    ['-o ConnectTimeout=1m30 h', { connectTimeoutMs: 90_000 }],
    ['-o ConnectTimeout=none h', {}],
    ['-o ConnectTimeout=none -o ConnectTimeout=5 h', { connectTimeoutMs: 5000 }],
    ['-o ConnectTimeout=0 -o ConnectTimeout=5 h', { connectTimeoutMs: 0 }],
    ['-o ServerAliveInterval=none -o ServerAliveInterval=5 h', { serverAliveIntervalMs: 5000 }],
    ['-o ServerAliveCountMax=99999 h', { serverAliveCountMax: 99_999 }],
    ['-o ConnectionAttempts=5000 h', { connectionAttempts: 5000 }],
    ['-o UseKeychain=yes h', {}],
    [
      '-o ServerAliveInterval=15 -o ServerAliveCountMax=2 h',
      { serverAliveIntervalMs: 15_000, serverAliveCountMax: 2 },
    ],
    ['-o SendEnv=LANG~LC_* -o SendEnv=GIT_PROTOCOL h', { sendEnv: ['LANG', 'LC_*', 'GIT_PROTOCOL'] }],
    [
      '-o SetEnv=A=1~C=x=y -o SetEnv=B=2 h',
      {
        setEnv: [
          ['A', '1'],
          ['C', 'x=y'],
        ],
      },
    ],
    ['-o SendEnv=LANG~LC_*~-LC_A* -o SendEnv=-LA* h', { sendEnv: ['LC_*'] }],
    ['-o SendEnv=-LANG~LANG h', { sendEnv: ['LANG'] }],
    ['-P work h', { tag: 'work' }],
    ['-o Tag=work -P other h', { tag: 'work' }],
    ['-o HashKnownHosts=yes h', { hashKnownHosts: true }],
    ['-o RevokedHostKeys=a~b -o RevokedHostKeys=c h', { revokedHostKeys: ['a', 'b'] }],
    ['-o RequestTTY=force h', { requestTty: 'force' }],
    ['-o LogLevel=debug2 h', { logLevel: 'DEBUG2' }],
    ['-o IdentityAgent=/a/b h', { identityAgent: '/a/b' }],
    ['-o HostName=127.0.0.%h 1', { hostName: '127.0.0.1' }],
    ['-o HostName=100%%.example h', { hostName: '100%.example' }],
    ['-o ProtocolKeepAlives=5 h', { serverAliveIntervalMs: 5_000 }],
    ['-o SetupTimeOut=4 h', { serverAliveIntervalMs: 4_000 }],
    ['-o IdentityFile2=k h', { identityFile: ['k'] }],
    ['-M -S /s h', { controlMaster: 'yes', controlPath: '/s' }],
    ['-S /s -o ControlPath=/t h', { controlPath: '/s' }],
    ['-o HostKeyAlias=a -o CertificateFile=c h', { hostKeyAlias: 'a', certificateFile: ['c'] }],
    [
      '-o PermitLocalCommand=yes -o LocalCommand=echo~"a~~b" h',
      { permitLocalCommand: true, localCommand: 'echo "a  b"' },
    ],
    ['-o LocalCommand=none h', { localCommand: null }],
    ['-o HostName=real -o ConnectionAttempts=3 h', { hostName: 'real', connectionAttempts: 3 }],
    ['-o RemoteCommand=uptime~-p h', { remoteCommand: 'uptime -p' }],
    ['-o RemoteCommand=none h', { remoteCommand: null }],
    [
      '-o SessionType=none -o StdinNull=yes -o ForkAfterAuthentication=no h',
      { sessionType: 'none', stdinNull: true, forkAfterAuthentication: false },
    ],
    ['-o UserKnownHostsFile=a~b -o UserKnownHostsFile=c h', { userKnownHostsFile: ['a', 'b'] }],
    ['-o StrictHostKeyChecking=no h', { strictHostKeyChecking: 'no' }],
    ['-o StrictHostKeyChecking=off h', { strictHostKeyChecking: 'no' }],
    ['-o StrictHostKeyChecking=accept-new h', { strictHostKeyChecking: 'accept-new' }],
    ['-o StrictHostKeyChecking=yes h', { strictHostKeyChecking: 'yes' }],
  ])('%s', (line, settings) => {
    expect(resolve(line).settings).toEqual(settings);
  });

  it.each([
    ['the first of two ports', '-p 1 -o Port=2 -p 3 ssh://h:4', { port: 1 }],
    ['the first of two ports, whichever way it is written', '-o Port=2 -p 1 h', { port: 2 }],
    ['the user in front of HOST before that of HOST', '-l you me@h', { user: 'you' }],
    ['the user of HOST before that behind it', 'me@h -l you', { user: 'me' }],
    ['-T behind RequestTTY', '-o RequestTTY=yes -T h', { requestTty: 'no' }],
    ['-T before RequestTTY', '-T -o RequestTTY=yes h', { requestTty: 'no' }],
    ['the last of -4 and -6', '-4 -6 h', { addressFamily: 'inet6' }],
    ['the last escape character', '-e a -e b h', { escapeChar: 'b' }],
  ])('counts %s', (_, line, settings) => {
    expect(resolve(line).settings).toEqual(settings);
  });

  it.each([
    [
      'scp',
      '-x -oPermitLocalCommand=no -oClearAllForwardings=yes -oRemoteCommand=none -oRequestTTY=no -oForwardAgent=no -l me -- h',
    ],
    [
      'sftp',
      '-oForwardX11~no -oPermitLocalCommand~no -oClearAllForwardings~yes -oForwardAgent~no -oProtocol~2 -- h',
    ],
    [
      'ansible',
      '-C -o ControlMaster=auto -o ControlPersist=60s -o KbdInteractiveAuthentication=no -o PreferredAuthentications=gssapi-with-mic,gssapi-keyex,hostbased,publickey -o PasswordAuthentication=no -o User="me" -o ConnectTimeout=10 -o ControlPath="/a/b" h',
    ],
    [
      'vagrant',
      '-o DSAAuthentication=yes -o LogLevel=FATAL -o Compression=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null h',
    ],
    [
      'everything that changes nothing',
      '-aCgkKMxv -S /a/b -o CheckHostIP=no -o TCPKeepAlive=yes -o GSSAPIAuthentication=no -o Ciphers=aes128-ctr h',
    ],
    [
      'what is switched off',
      '-o ProxyCommand=none -o ProxyJump=none -o Tunnel=no -o PKCS11Provider=none -o PubkeyAuthentication=yes h',
    ],
    ['forwardings that are cleared', '-o LocalForward=1~h:2 -o ClearAllForwardings=yes h'],
    ['forwardings by letter that are cleared', '-L 1:h:2 -R 3:h:4 -D 5 -o ClearAllForwardings=yes h'],
  ])('takes what %s passes without a word about it', (_, line) => {
    expect(resolve(line)).toMatchObject({ host: 'h', remarks: [] });
  });

  it.each([
    ['-X h', ['X11 forwarding is not supported']],
    ['-X -x h', []],
    ['-o ForwardX11=no -o ForwardX11=yes h', []],
  ])('says of %s what it does not do', (line, remarks) => {
    expect(resolve(line).remarks).toEqual(remarks);
  });

  it.each<[string, boolean | undefined, string | undefined]>([
    ['h', undefined, undefined],
    ['-A h', true, undefined],
    ['-A -a h', false, undefined],
    ['-a -A h', true, undefined],
    ['-o ForwardAgent=no -A h', true, undefined],
    ['-o ForwardAgent=no -o ForwardAgent=yes h', false, undefined],
    ['-o ForwardAgent=YES h', true, undefined],
    ['-o ForwardAgent=/run/agent h', true, '/run/agent'],
    ['-o ForwardAgent=$AGENT h', true, '$AGENT'],
    ['-A -o ForwardAgent=/run/agent h', true, '/run/agent'],
    ['-o ForwardAgent=no -o ForwardAgent=/run/agent h', false, '/run/agent'],
  ])('reads whether %s forwards an agent', (line, forwardAgent, forwardAgentPath) => {
    const { settings } = resolve(line);
    expect([settings.forwardAgent, settings.forwardAgentPath]).toEqual([forwardAgent, forwardAgentPath]);
  });

  it.each([
    ['-o Port=0 h', "-o Port: '0' is neither a number from 1 to 65535 nor a service name"],
    ['-p no-service h', "-p: 'no-service' is neither a number from 1 to 65535 nor a service name"],
    ['-1 h', '-1 is not supported: SSH protocol 1 is obsolete'],
    ['-o HostName=%p h', '%p in %p is unknown or not set'],
    ['-l a;b h', '-l: remote username contains invalid characters'],
    ['$(id)@h', 'remote username contains invalid characters'],
    ['-o User=-x h', '-o User: remote username contains invalid characters'],
    ['-o Port= h', '-o Port: a value is missing'],
    ['-o port h', '-o Port: a value is missing'],
    ['-o Port=1~2 h', "-o Port: unexpected argument '2'"],
    ['-o BatchMode=maybe h', "-o BatchMode: 'maybe' is not one of yes, no, true, false"],
    ['-o ConnectTimeout=5x h', "-o ConnectTimeout: '5x' is not a time; write it as 10, 90s or 1h30m"],
    ['-o EscapeChar=ab h', "-o EscapeChar: 'ab' is not one character, ^ and a letter, or none"],
    ['-e ab h', "-e: 'ab' is not one character, ^ and a letter, or none"],
    ['-o SendEnv=A=1 h', "-o SendEnv: 'A=1' is not the name of a variable"],
    ['-o IdentityFile=a~b h', "-o IdentityFile: unexpected argument 'b'"],
    ['-o SetEnv=A h', "-o SetEnv: 'A' is not of the form NAME=VALUE"],
    ['-o Prot=1 h', "-o: bad configuration option 'Prot'; did you mean Port?"],
    ['-o =1 h', "-o: bad configuration option ''"],
    ['-o Wonderful=1 h', "-o: bad configuration option 'Wonderful'"],
    ['-o User="x h', /^-o: .* has an unterminated quote$/],
    ['-o proxyjump= h', '-o ProxyJump: a value is missing'],
    ['-o LocalForward=1 h', "-o LocalForward: Bad local forwarding specification '1'"],
    [
      '-o PubkeyAuthentication=no h',
      '-o PubkeyAuthentication is not supported: rexa authenticates by public key only',
    ],
    [
      '-o PreferredAuthentications=password h',
      /^-o PreferredAuthentications: must contain publickey: rexa authenticates by public key only/,
    ],
    ['-o Host=x h', '-o Host is not supported: it has a meaning in a file only; -F FILE names one'],
    ['-L 1:a h', "Bad local forwarding specification '1:a'"],
    ['-W a h', "Bad stdio forwarding specification 'a'"],
    ['-n', 'a HOST is missing: rexa ssh HOST COMMAND...'],
    ['-Z h', 'unknown option -Z of rexa ssh'],
  ])('refuses %s', (line, message) => {
    expect(() => resolve(line)).toThrow(message);
  });

  it.each([
    ['Cipher=3des', 'Deprecated option "cipher"'],
    ['CompressionLevel=9', 'Unsupported option "compressionlevel"'],
    ['FallBackToRsh=no', 'Deprecated option "fallbacktorsh"'],
    ['GlobalKnownHostsFile2=x', 'Deprecated option "globalknownhostsfile2"'],
    ['KerberosAuthentication=no', 'Unsupported option "kerberosauthentication"'],
    ['RhostsRSAAuthentication=no', 'Unsupported option "rhostsrsaauthentication"'],
    ['RSAAuthentication=yes', 'Unsupported option "rsaauthentication"'],
    ['UsePrivilegedPort=no', 'Deprecated option "useprivilegedport"'],
    ['UserKnownHostsFile2=x', 'Deprecated option "userknownhostsfile2"'],
    ['UseRoaming=no', 'Deprecated option "useroaming"'],
  ])('ignores -o %s, in the words of OpenSSH at -v', (line, trace) => {
    expect(resolve(`-o ${line} h`)).toEqual({
      host: 'h',
      settings: {},
      remarks: [],
      traces: [`command-line line 0: ${trace}`],
      origins: new Map(),
    });
  });

  it.each(['-2 h', '-o WarnWeakCrypto=no h', '-o Protocol=2 h', '-o SkeyAuthentication=no h'])(
    'ignores %s without a word',
    (line) => {
      expect(resolve(line)).toEqual({ host: 'h', settings: {}, remarks: [], traces: [], origins: new Map() });
    },
  );

  it.runIf(existsSync('/etc/services'))('takes the name of a service for a port', () => {
    expect(resolve('-p ssh h').settings).toEqual({ port: 22 });
    expect(resolve('-o Port=https h').settings).toEqual({ port: 443 });
  });

  it('passes over an unknown keyword that IgnoreUnknown names before it', () => {
    expect(resolve('-o IgnoreUnknown=Use*,x -o UseVault=yes h').settings).toEqual({});
    expect(() => resolve('-o UseVault=yes -o IgnoreUnknown=Use* h')).toThrow(/UseVault/);
  });

  it('knows every option of ssh, if only to refuse it by name', () => {
    const letters = 'AaBbCcDEeFfGgIiJKkLlMmNnOoPpQqRSsTtVvWwXxYy1246'.split('');
    expect(letters.filter((letter) => findOption(SSH_COMMAND.options, letter) === null)).toEqual([]);
  });

  it('has each keyword in one place', () => {
    const small = Object.keys(KEYWORDS).map((keyword) => keyword.toLowerCase());
    expect(small.length).toBe(new Set(small).size);
  });
});

describe('the address of a HOST', () => {
  it.each([
    ['h', 'h'],
    ['-p 1 h', 'h:1'],
    ['-p 1 ::1', '[::1]:1'],
    ['::1', '[::1]'],
    ['ssh://[::1]:5', '[::1]:5'],
    ['-o HostName=real -p 1 h', 'real:1'],
    ['-o HostName=::1 h', '[::1]'],
    ['local', 'local'],
    ['tls://h:5', 'tls://h:5'],
    ['unix:/a/b', 'unix:/a/b'],
  ])('%s is %s', (line, address) => {
    const { host, settings } = resolve(line);
    expect(addressOf(host, settings)).toBe(address);
  });

  it.each(['-p 1 local', '-p 1 unix:/a', '-p 1 tls://h'])('%s is refused', (line) => {
    const { host, settings } = resolve(line);
    expect(() => addressOf(host, settings)).toThrow(/^the address .* takes no port$/);
  });
});
