import { existsSync, statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isPrivateGroup } from '../../../../src/config/ssh/private-group.ts';
import { makeConfigFolder } from '../../../fixtures/ssh-config/resolve-files.ts';

// Files share a process: a home folder that is left set would be that of the next file
afterEach(() => vi.unstubAllEnvs());

const { username, uid } = userInfo();

/** The settings that one file gives to the words. */
function settingsOf(text: string, ...words: readonly string[]) {
  using config = makeConfigFolder();
  return config.resolve('-F', config.write('config', text), ...words).settings;
}

describe('a file of ssh_config', () => {
  it.each([
    ['the first value of a keyword', 'Port 1\nPort 2\n', ['h'], { port: 1 }],
    ['options before the file', 'Port 1\nUser ann\n', ['-p', '5', 'h'], { port: 5, user: 'ann' }],
    ['the user of HOST before the file', 'User ann\n', ['bob@h'], { user: 'bob' }],
    [
      'every IdentityFile, and each once',
      'IdentityFile a\nIdentityFile b\nIdentityFile a\n',
      ['-i', 'c', 'h'],
      {
        identityFile: ['c', 'a', 'b'],
      },
    ],
    ['blocks that match HOST', 'Host a b*\nPort 1\nHost c\nPort 2\n', ['b1'], { port: 1 }],
    ['no block whose negated pattern matches', 'Host * !b1\nPort 1\nHost *\nPort 2\n', ['b1'], { port: 2 }],
    ['no block with negated patterns alone', 'Host !a\nPort 1\n', ['b'], {}],
    [
      'Host as it is written, and not HostName',
      'HostName x\nHost x\nPort 1\nHost h\nPort 2\n',
      ['h'],
      {
        hostName: 'x',
        port: 2,
      },
    ],
    ['quotes, = and comments', 'User = "a b" # c\nTag="x"#\n', ['h'], { user: 'a b', tag: 'x#' }],
    ['capitals aside', 'hOST h\npORT 1\n', ['h'], { port: 1 }],
    [
      'a command as it is written',
      'RemoteCommand echo "a  b" # all\n',
      ['h'],
      {
        remoteCommand: 'echo "a  b" # all',
      },
    ],
    ['lines that end in CR LF', 'Port 1\r\nUser ann\r\n', ['h'], { port: 1, user: 'ann' }],
    [
      'no unknown keyword that IgnoreUnknown names',
      'IgnoreUnknown Use*,X\nUseKeychain yes\nx 1\n',
      ['h'],
      {},
    ],
  ])('counts %s', (_, text, words, expected) => {
    expect(settingsOf(text, ...words)).toEqual(expected);
  });

  it.each([
    ['all', ['h'], true],
    ['!all', ['h'], false],
    ['host h', ['h'], true],
    ['host=h', ['h'], true],
    ['host a,h,!hh', ['h'], true],
    ['host *,!h', ['h'], false],
    ['!host a', ['h'], true],
    ['HOST H', ['h'], true],
    ['host real', ['-o', 'HostName=real', 'h'], true],
    ['originalhost h', ['-o', 'HostName=real', 'h'], true],
    ['originalhost real', ['-o', 'HostName=real', 'h'], false],
    ['user ann', ['ann@h'], true],
    ['user ann', ['h'], false],
    [`user ${username}`, ['h'], true],
    [`localuser ${username}`, ['ann@h'], true],
    ['localuser nobody-here', ['h'], false],
    ['host h user ann', ['ann@h'], true],
    ['host h user ann', ['bob@h'], false],
    ['host h !user ann', ['bob@h'], true],
    ['tagged work', ['-P', 'work', 'h'], true],
    ['tagged w*,!wo', ['-P', 'work', 'h'], true],
    ['tagged work', ['h'], false],
    ['tagged ""', ['h'], true],
    ['command "ls *"', ['h', 'ls', '-l'], true],
    ['command ""', ['h'], true],
    ['command ""', ['h', 'ls'], false],
    ['sessiontype shell', ['h'], true],
    ['sessiontype exec', ['h', 'ls'], true],
    ['sessiontype none', ['-N', 'h'], true],
    ['sessiontype subsystem', ['-s', 'h', 'sftp'], true],
    ['localnetwork 127.0.0.0/8', ['h'], true],
    ['localnetwork 240.0.0.0/4', ['h'], false],
    ['version OpenSSH_9.*', ['h'], true],
    ['exec true', ['h'], true],
    ['exec false', ['h'], false],
    ['!exec false', ['h'], true],
    ['exec "test %h-%n = real-h"', ['-o', 'HostName=real', 'h'], true],
    ['final', ['h'], true],
    ['canonical', ['h'], false],
    ['final host h', ['h'], true],
    ['!final', ['h'], true],
  ])('Match %s, with %j: %s', (condition, words, matches) => {
    const text = `Match ${condition} # comment\nIdentityFile found\n`;
    expect(settingsOf(text, ...words).identityFile).toEqual(matches ? ['found'] : undefined);
  });

  it.each([
    ['%%', '%'],
    ['%i', String(uid)],
    ['%h', 'real'],
    ['%n', 'h'],
    ['%k', 'real'],
    ['%L', hostname().replace(/\..*$/, '')],
    ['%l', hostname()],
    ['%p', '99'],
    ['%r', 'remuser'],
    ['%u', username],
  ])('has the token %s in Match exec', (token, value) => {
    const text = `HostName real\nPort 99\nMatch exec "test '${token}' = '${value.replaceAll('%', '%%')}'"\nTag found\n`;
    expect(settingsOf(text, 'remuser@h').tag).toBe('found');
  });

  it('runs no command of Match exec once another criterion has failed', () => {
    using config = makeConfigFolder();
    const text = 'Match host a exec "kill $PPID"\nPort 1\n';
    expect(config.resolve('-F', config.write('config', text), 'h').settings).toEqual({});
  });

  it.each([
    ['a`x`', 'hostname'],
    ['$(x)', 'hostname'],
    ['a;x', 'hostname'],
    ['a|x', 'hostname'],
    ['a&x', 'hostname'],
    ['a>x', 'hostname'],
    ["a'x", 'hostname'],
    ['a"x', 'hostname'],
    ['a\\x', 'hostname'],
    ['a{x}', 'hostname'],
    ['a x', 'hostname'],
    ['a\tx', 'hostname'],
    ['a\nx', 'hostname'],
    ['a\x7fx', 'hostname'],
    ['ssh://a%60x%60', 'hostname'],
    ['ssh://a%24(x)/', 'hostname'],
    ['ssh://me@a%0ax:22', 'hostname'],
    ['`x`@h', 'remote username'],
    ['ssh://me%3bx@h', 'remote username'],
    ['a -x@h', 'remote username'],
    ['a\\@h', 'remote username'],
  ])('is not read for HOST %j, which a shell could take for more than a name', (word, name) => {
    using config = makeConfigFolder();
    const file = config.write('config', 'Match exec "touch @/ran"\nPort 1\n');
    expect(() => config.resolve('-F', file, word)).toThrow(`${name} contains invalid characters`);
    expect(existsSync(join(config.folder, 'ran'))).toBe(false);
  });

  it('gives no address of rexa to a command if a shell could take it for more', () => {
    using config = makeConfigFolder();
    const file = config.write('config', 'Match exec "touch @/ran; : %n"\nPort 1\n');
    expect(() => config.resolve('-F', file, 'unix:/`x`')).toThrow(/terminating, 1 bad/);
    expect(config.failures).toEqual([`${file} line 1: hostname contains invalid characters`]);
    expect(existsSync(join(config.folder, 'ran'))).toBe(false);
    expect(config.resolve('-F', file, 'unix:/s').settings.port).toBe(1);
  });

  it('is read again with the final name of the host, which then stays', () => {
    const text = 'Host real\nPort 1\nMatch final\nHostName other\nUser ann\nHost h\nHostName REAL\n';
    expect(settingsOf(text, 'h')).toEqual({ hostName: 'real', port: 1, user: 'ann' });
    expect(settingsOf('Match final host h\nPort 1\n', 'h')).toEqual({ port: 1 });
  });

  it.each([
    ['Junk 1', 'Bad configuration option: junk'],
    ['Port', 'no argument after keyword "port"'],
    ['Port 0', /^keyword Port: '0' is neither a number/],
    ['Port 1 2', "keyword Port: unexpected argument '2'"],
    ['User "ann', /unterminated quote$/],
    ['Match', 'no argument after keyword "match"'],
    ['Match host', "missing argument for Match 'host'"],
    ['Match nonsense x', 'unsupported Match attribute nonsense'],
    ['Match host a user b all', "'all' cannot be combined with other Match attributes"],
    ['Match localnetwork x', "invalid network list 'x'"],
    ['Host ""', 'keyword host empty argument'],
    ['Tunnel yes', /^keyword Tunnel is not supported/],
  ])('refuses %s with file and line', (line, message) => {
    using config = makeConfigFolder();
    const file = config.write('config', `# comment\n${line}\nAlsoJunk 1\n`);
    expect(() => config.resolve('-F', file, 'h')).toThrow(
      expect.objectContaining({
        code: 'SSH_CONFIG_INVALID',
        message: `${file}: terminating, 2 bad configuration options`,
      }),
    );
    const [first = '', second] = config.failures.map((each) => each.replace(`${file} line `, ''));
    expect([first, second]).toEqual([
      typeof message === 'string' ? `2: ${message}` : expect.stringMatching(/^2: /),
      '3: Bad configuration option: alsojunk',
    ]);
    if (typeof message !== 'string') expect(first.slice(3)).toMatch(message);
  });

  it('is checked in blocks that do not apply, too', () => {
    using config = makeConfigFolder();
    const file = config.write('config', 'Host other\nPort 0\nTunnel yes\n');
    expect(() => config.resolve('-F', file, 'h')).toThrow(/terminating, 1 bad/);
  });

  it('can refuse the connection, in the words of its user', () => {
    using config = makeConfigFolder();
    const file = config.write('config', 'Host old\nRefuseConnection "use new instead"\n');
    expect(() => config.resolve('-F', file, 'old')).toThrow(
      `${file} line 2: RefuseConnection: use new instead`,
    );
    expect(config.resolve('-F', file, 'new').settings).toEqual({});
    expect(() => config.resolve('-o', 'RefuseConnection=no', 'new')).toThrow('RefuseConnection: no');
  });

  it('is told from a configuration of rexa', () => {
    using config = makeConfigFolder();
    const file = config.write('rexa.yaml', 'hosts: {}\n');
    expect(() => config.resolve('-F', file, 'h')).toThrow(/--config names a configuration of rexa$/);
  });

  it('keeps the capitals of an address in HostName when it is read again', () => {
    const text = 'HostName unix:/Run/S\nMatch final\nUser ann\n';
    expect(settingsOf(text, 'h')).toEqual({ hostName: 'unix:/Run/S', user: 'ann' });
  });

  it.each(['', '/bin/sh'])('runs Match exec with SHELL=%j, and with the variables of its user', (shell) => {
    vi.stubEnv('SHELL', shell);
    vi.stubEnv('REXA_KEPT_NODE_OPTIONS', '--x');
    const text =
      'Match exec "test $0 = /bin/sh -a $NODE_OPTIONS = --x -a -z $REXA_KEPT_NODE_OPTIONS"\nPort 1\n';
    expect(settingsOf(text, 'h')).toEqual({ port: 1 });
  });

  it('must be there if -F names it, and none is no file', () => {
    using config = makeConfigFolder();
    expect(() => config.resolve('-F', '/nowhere/config', 'h')).toThrow(
      /^Can't open user config file \/nowhere\/config: ENOENT/,
    );
    expect(config.resolve('-F', 'none', 'h').settings).toEqual({});
    expect(config.resolve('-F', '/dev/null', 'h').settings).toEqual({});
  });

  it('records where each setting was made', () => {
    using config = makeConfigFolder();
    const file = config.write('config', 'IdentityFile a\nHost h\n  Port 1\n  IdentityFile b\nPort 2\n');
    const { origins } = config.resolve('-F', file, '-l', 'ann', 'h');
    expect(
      Object.fromEntries([...origins].map(([name, list]) => [name, list.map(({ place }) => place)])),
    ).toEqual({
      user: ['command line'],
      identityFile: [`${file} line 1`, `${file} line 4`],
      port: [`${file} line 3`],
    });
  });
});

describe('Include', () => {
  const BLOCKS = `
Match host a
  Hostname aa
Match host=b # comment
  Hostname bb
  Include @/part.*
Match host c
  Include @/part.*
  Hostname cc
Match host=m !user xxxyfake
  Include @/part.* # comment
Host d
  Hostname dd # comment
Host e
  Hostname ee
  Include @/part.*
Host f
  Include @/part.*
  Hostname ff
Host n
  Include @/part.*
`;
  const PARTS = [
    'Match host xxxxxx\n',
    'Match host=a\nHostname aaa\nMatch host b\nHostname bbb\nMatch host c # x\nHostname ccc\nHost d\nHostname ddd\nHost e\nHostname eee\nHost f\nHostname fff # x\n',
    'Match host a\nHostname aaaa\nMatch host=b !user blahblahfake\nHostname bbbb\nHost d\nHostname dddd\nHost f\nHostname ffff\nMatch all\nHostname xxxx\n',
  ];

  it.each([
    ['a', 'aa'],
    ['b', 'bb'],
    ['c', 'ccc'],
    ['d', 'dd'],
    ['e', 'ee'],
    ['f', 'fff'],
    ['m', 'xxxx'],
    ['n', 'xxxx'],
    ['x', undefined],
  ])('applies in the block that it stands in: %s is %s', (host, expected) => {
    using config = makeConfigFolder();
    for (const [index, text] of PARTS.entries()) config.write(`part.${index}`, text);
    expect(config.resolve('-F', config.write('config', BLOCKS), host).settings.hostName).toBe(expected);
  });

  it.each(['a', 'x'])('checks what it includes in a block that does not apply (host %s)', (host) => {
    using config = makeConfigFolder();
    config.write('part.3', 'Hostname xxxx\n  Junk 1\n');
    const file = config.write('config', BLOCKS);
    expect(() => config.resolve('-F', file, host)).toThrow(/part\.3: terminating, 1 bad/);
  });

  it.each(['Match host other\n', 'Host other\n'])('ends no block of the file around it: %j', (part) => {
    using config = makeConfigFolder();
    config.write('part', part);
    const file = config.write('config', 'Include @/part\nHostname aa\n');
    expect(config.resolve('-F', file, 'a').settings.hostName).toBe('aa');
  });

  it('of nothing is nothing', () => {
    expect(settingsOf('Include /nowhere/at-all*\nHostname aa\n', 'a').hostName).toBe('aa');
  });

  it('of a file by itself ends at a depth', () => {
    using config = makeConfigFolder();
    const file = config.write('config', 'Include @/config\n');
    expect(() => config.resolve('-F', file, 'a')).toThrow('Too many recursive configuration includes');
  });

  it('expands variables and tokens', () => {
    using config = makeConfigFolder();
    vi.stubEnv('PART_NAME', 'part.x');
    config.write('part.x', 'User ann\n');
    config.write('part.blahblah', 'Port 1\n');
    const file = config.write('config', `Include @/$\{PART_NAME} "@/part.%h%h"\n`);
    expect(config.resolve('-F', file, 'blah').settings).toEqual({ user: 'ann', port: 1 });
  });

  it.each([
    ['part.[ab]', ['a', 'b']],
    ['part.[!a]', ['b', 'c']],
    ['part.?', ['a', 'b', 'c']],
    ['*.c', ['c']],
    ['sub*/x', ['x']],
    ['{part.a,part.b}', undefined],
    ['*', ['a', 'b', 'c']],
  ])('reads the files of %s in order, and none that begins with a dot', (pattern, expected) => {
    using config = makeConfigFolder();
    for (const name of ['c', 'a', 'b']) config.write(`set/part.${name}`, `IdentityFile ${name}\n`);
    config.write('set/.part.d', 'IdentityFile hidden\n');
    config.write('set/sub1/x', 'IdentityFile x\n');
    const folder = pattern === '*' ? 'set/part.*' : `set/${pattern}`;
    const file = config.write('config', `Include @/${folder}\n`);
    expect(config.resolve('-F', file, 'h').settings.identityFile).toEqual(expected);
  });

  it('refuses a file that others may write, and says what to do', () => {
    using config = makeConfigFolder();
    const part = config.write('part', 'Port 1\n', 0o602);
    const file = config.write('config', 'Include @/part\n');
    expect(() => config.resolve('-F', file, 'h')).toThrow(
      `Bad owner or permissions on ${part}; run chmod go-w on it`,
    );
  });

  it('takes a file that its group may write only if nobody else is in that group', () => {
    using config = makeConfigFolder();
    const part = config.write('part', 'Port 1\n', 0o620);
    const file = config.write('config', 'Include @/part\n');
    const { gid } = statSync(part);
    const resolve = () => config.resolve('-F', file, 'h').settings;
    if (isPrivateGroup(gid, uid)) expect(resolve()).toEqual({ port: 1 });
    else expect(resolve).toThrow(`Bad owner or permissions on ${part}`);
  });

  it('passes over a folder', () => {
    using config = makeConfigFolder();
    config.write('set/one', 'Port 1\n');
    config.write('set/sub/two', 'Port 2\n');
    expect(config.resolve('-F', config.write('config', 'Include @/set/*\n'), 'h').settings).toEqual({
      port: 1,
    });
  });
});

describe('the default files', () => {
  it('give their settings, but the port and the ways to log in, which are about sshd', () => {
    using config = makeConfigFolder();
    vi.stubEnv('HOME', config.folder);
    config.write(
      '.ssh/config',
      'Host h\nHostName real\nUser ann\nIdentityFile k\nPort 22\nPreferredAuthentications password\nPubkeyAuthentication no\n',
    );
    expect(config.resolve('h').settings).toMatchObject({
      hostName: 'real',
      user: 'ann',
      identityFile: ['k'],
    });
    expect(config.resolve('h').settings.port).toBeUndefined();
    expect(config.resolve('-p', '5', 'h').settings.port).toBe(5);
    expect(config.resolve('-F', join(config.folder, '.ssh/config'), 'other').settings).toEqual({});
  });

  it('give the port, too, if that is configured', () => {
    using config = makeConfigFolder({ usesPort: true });
    vi.stubEnv('HOME', config.folder);
    config.write('.ssh/config', 'Port 22\n');
    expect(config.resolve('h').settings.port).toBe(22);
  });

  it('are relative to the folder ~/.ssh', () => {
    using config = makeConfigFolder();
    vi.stubEnv('HOME', config.folder);
    config.write('.ssh/config', 'Include conf.d/*\nInclude ~/more\n');
    config.write('.ssh/conf.d/one', 'User ann\n');
    config.write('more', 'Tag t\n');
    expect(config.resolve('h').settings).toMatchObject({ user: 'ann', tag: 't' });
  });

  it('may ask for what rexa lacks, which is said in a warning', () => {
    using config = makeConfigFolder();
    vi.stubEnv('HOME', config.folder);
    const file = config.write(
      '.ssh/config',
      'Host other\nTunnel yes\nHost h\nBindAddress 127.0.0.1\nForwardX11 yes\n',
    );
    expect(config.resolve('h').remarks).toEqual([
      `${file} line 4: keyword BindAddress is not supported: the system chooses the address; it is ignored`,
    ]);
  });

  it('must not be writable by others', () => {
    using config = makeConfigFolder();
    vi.stubEnv('HOME', config.folder);
    const file = config.write('.ssh/config', 'Port 1\n', 0o666);
    expect(() => config.resolve('h')).toThrow(`Bad owner or permissions on ${file}`);
    expect(config.resolve('-F', file, 'h').settings).toEqual({ port: 1 });
  });

  it.each(['local', 'tls://h', 'unix:/a/b', 'exec:x'])('are not read for the address %s', (host) => {
    using config = makeConfigFolder();
    vi.stubEnv('HOME', config.folder);
    config.write('.ssh/config', 'Junk\n');
    expect(config.resolve(host).settings).toEqual({});
  });
});
