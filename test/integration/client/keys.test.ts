import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../src/auth/public-key.ts';
import { honestly, startAgent } from '../../fixtures/auth/agents.ts';
import {
  fixtureKey,
  fixturePath,
  fixtureSecret,
  fixtureText,
  makeTestFolder,
} from '../../fixtures/auth/fixtures.ts';
import { REXA } from '../../fixtures/daemon.ts';
import { type RexaExit, runRexa } from '../../fixtures/run-rexa.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { runOverTls } from '../../fixtures/tls-run.ts';

/** `rexa keys` of a user with a home folder of his own. */
function createUser() {
  const home = makeTestFolder();
  const env = { HOME: home, XDG_CONFIG_HOME: '', XDG_RUNTIME_DIR: '', SSH_AUTH_SOCK: '', REXA_CONFIG: '' };
  const keys = (...words: string[]): Promise<RexaExit> => runRexa(['keys', ...words], { env });
  const pipe = (input: string, ...words: string[]): Promise<RexaExit> =>
    runRexa(['keys', ...words], { env, input });
  return { home, env, keys, pipe, file: (name: string) => path.join(home, name) };
}

const line = (name: string): string => fixtureText(`keys/${name}.pub`).trim();
const mode = (file: string): string => (fs.statSync(file).mode & 0o777).toString(8);

describe('rexa keys list', () => {
  it('says that there is nothing', async () => {
    const { status, stdout } = await createUser().keys('list');
    expect([status, stdout.toString()]).toEqual([
      0,
      expect.stringMatching(/^known hosts, in .*known_hosts:\n {2}none\n\nkeys to log in with:\n {2}none\n$/),
    ]);
  });

  it('lists hosts and keys with their fingerprints, and shows what would steer a terminal', async () => {
    const user = createUser();
    await user.keys('add', 'build1', line('rsa'));
    const secret = await fixtureSecret('ed25519');
    const agent = await startAgent(honestly([{ ...secret, comment: 'evil\u001b[2J' }]));
    fs.mkdirSync(user.file('.ssh'), { mode: 0o700 });
    fs.writeFileSync(user.file('.ssh/id_ecdsa'), fixtureText('keys/ecdsa256'), { mode: 0o600 });
    const env = { ...user.env, SSH_AUTH_SOCK: agent };
    const text = (await runRexa(['keys', 'list'], { env })).stdout.toString();
    expect(text).toContain(`build1:7522  ssh-rsa  ${fingerprint(fixtureKey('rsa'))}`);
    expect(text).toContain(`${fingerprint(fixtureKey('ed25519'))}  ssh-agent`);
    expect(text).toContain(`${fingerprint(fixtureKey('ecdsa256'))}  ${user.file('.ssh/id_ecdsa')}`);
    expect(text).toContain('evil\\x1b[2J');
    const told = JSON.parse((await runRexa(['keys', 'list', '--json'], { env })).stdout.toString()) as object;
    expect(told).toMatchObject({
      v: 1,
      knownHosts: [
        { address: 'build1:7522', keyType: 'ssh-rsa', fingerprint: fingerprint(fixtureKey('rsa')), line: 1 },
      ],
      keys: [
        { keyType: 'ssh-ed25519', source: 'ssh-agent', comment: 'evil\u001b[2J', isLocked: false },
        { keyType: 'ecdsa-sha2-nistp256', source: user.file('.ssh/id_ecdsa') },
      ],
    });
  });
});

describe('rexa keys add and remove', () => {
  it('makes a host known by a key that is given, in all its spellings, and forgets it again', async () => {
    const user = createUser();
    const known = user.file('.config/rexa/known_hosts');
    expect((await user.keys('add', 'tls://Build1.:7522', ...line('rsa').split(' ').slice(0, 2))).status).toBe(
      0,
    );
    expect((await user.pipe(`build1:7522 ${line('ed25519')}\n`, 'add', 'build1', '-')).status).toBe(0);
    expect((await user.pipe(`# a comment\n\n${line('ed25519')}\n`, 'add', '[::1]:9', '-')).status).toBe(0);
    expect(
      fs
        .readFileSync(known, 'utf8')
        .split('\n')
        .map((each) => each.split(' ')[0]),
    ).toEqual(['build1:7522', 'build1:7522', '[::1]:9', '']);
    expect([mode(known), mode(path.dirname(known))]).toEqual(['600', '700']);
    const removed = await user.keys('remove', 'BUILD1');
    expect([removed.status, removed.stdout.toString()]).toEqual([
      0,
      'build1:7522: removed 2 keys from known_hosts\n',
    ]);
    expect(fs.readFileSync(known, 'utf8')).toMatch(/^\[::1\]:9 /);
    const again = await user.keys('remove', 'build1');
    expect([again.status, again.stderr]).toEqual([125, expect.stringContaining('build1:7522 is not in')]);
  });

  it('asks a daemon for its key, and believes the fingerprint that is given', async () => {
    await using daemon = await startTlsDaemon();
    const user = createUser();
    const host = `127.0.0.1:${daemon.port}`;
    const alone = await user.keys('add', host);
    expect([alone.status, alone.stderr]).toEqual([125, expect.stringContaining(daemon.fingerprint)]);
    const wrong = await user.keys('add', host, fingerprint(fixtureKey('rsa')));
    expect([wrong.status, wrong.stderr]).toEqual([125, expect.stringContaining('host key mismatch')]);
    expect(fs.existsSync(user.file('.config/rexa/known_hosts'))).toBe(false);
    const right = await user.keys('add', host, daemon.fingerprint);
    expect([right.status, right.stdout.toString()]).toEqual([
      0,
      `${host}: key ssh-ed25519 ${daemon.fingerprint} added to known_hosts\n`,
    ]);
    expect((await user.keys('add', host)).stdout.toString()).toContain('already in known_hosts');
  });

  it('does not take a changed key for a further one', async () => {
    await using daemon = await startTlsDaemon();
    const user = createUser();
    const host = `127.0.0.1:${daemon.port}`;
    await user.keys('add', host, line('rsa'));
    const { status, stderr } = await user.keys('add', '--accept-new', host);
    expect([status, stderr]).toEqual([125, expect.stringContaining(`rexa keys remove ${host}`)]);
  });

  it.each([
    [['add'], 'a HOST is missing'],
    [['add', 'local'], 'only hosts over TLS have keys'],
    [['add', 'unix:/s'], 'only hosts over TLS have keys'],
    [['add', '--', '-oX'], "does not begin with '-'"],
    [['add', 'a\u0007'], 'letters, digits'],
    [['add', 'build1', 'SHA256:short'], 'is not a fingerprint'],
    [['add', 'build1', 'ssh-rsa', 'AAAA'], 'the key that was given is not valid'],
    [['remove'], 'a HOST is missing'],
    [['remove', 'a', 'b'], "unexpected argument 'b'"],
    [['remove', 'a', '--json'], '--json is for rexa keys list'],
    [['lst'], 'did you mean list?'],
    [[], 'an action is missing'],
  ])('says what is wrong with %j', async (words, message) => {
    const { status, stderr } = await createUser().keys(...words);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });
});

describe('rexa keys authorize', () => {
  it('writes a line by which the daemon lets the key in', async () => {
    await using daemon = await startTlsDaemon();
    const user = createUser();
    const to = ['--to', daemon.keysFile];
    fs.rmSync(daemon.keysFile);
    const given = await user.keys('authorize', ...to, fixturePath('keys/ed25519.pub'));
    expect([given.status, given.stdout.toString()]).toEqual([
      0,
      `${fingerprint(fixtureKey('ed25519'))} added to ${daemon.keysFile}, which a rexad reads only if its authorized-keys names it\n`,
    ]);
    expect(mode(daemon.keysFile)).toBe('600');
    expect(await runOverTls(daemon.port, await fixtureSecret('ed25519'))).toMatchObject({
      outcome: 'exited 0',
    });
  });

  it('writes all options as sshd reads them, into folders that it makes', async () => {
    const user = createUser();
    const words = ['--restrict', '--pty', '--from', '10.0.0.0/8,!10.0.0.1', '--expires', '20991231'];
    const command = ['--command', 'echo "a b" \\ c', '--environment', 'A=b', '--environment', 'C=d'];
    expect((await user.pipe(`${line('rsa')}\n`, 'authorize', ...words, ...command)).status).toBe(0);
    const file = user.file('.config/rexa/authorized_keys');
    expect(fs.readFileSync(file, 'utf8')).toBe(
      `restrict,pty,command="echo \\"a b\\" \\ c",from="10.0.0.0/8,!10.0.0.1",expiry-time="20991231",` +
        `environment="A=b",environment="C=d" ${line('rsa')}\n`,
    );
    expect([mode(file), mode(path.dirname(file))]).toEqual(['600', '700']);
  });

  it('takes several keys, an authority, and a private key for its public one', async () => {
    const user = createUser();
    await user.pipe(`${line('rsa')}\n${line('ecdsa256')}\n`, 'authorize', '-');
    await user.keys(
      'authorize',
      '--cert-authority',
      '--principals',
      'a,b',
      fixturePath('keys/authority.pub'),
    );
    fs.writeFileSync(user.file('k'), fixtureText('keys/ed25519.locked'), { mode: 0o600 });
    await user.keys('authorize', user.file('k'));
    const written = fs.readFileSync(user.file('.config/rexa/authorized_keys'), 'utf8').trim().split('\n');
    expect(written).toEqual([
      line('rsa'),
      line('ecdsa256'),
      `cert-authority,principals="a,b" ${line('authority')}`,
      expect.stringContaining(fixtureKey('ed25519.locked').blob.toString('base64')) as string,
    ]);
  });

  it("warns of a line in sshd's own file that lets the same key in", async () => {
    const user = createUser();
    fs.mkdirSync(user.file('.ssh'));
    fs.writeFileSync(user.file('.ssh/authorized_keys'), `# mine\n${line('rsa')}\n`);
    const same = await user.pipe(line('rsa'), 'authorize', '--from', '10.0.0.0/8');
    expect([same.status, same.stderr]).toEqual([
      0,
      expect.stringContaining(`${user.file('.ssh/authorized_keys')}:2 also allows this key`),
    ]);
    expect((await user.pipe(line('ed25519'), 'authorize')).stderr).toBe('');
  });

  it('refuses a key that the file holds already, and leaves it as it is', async () => {
    const user = createUser();
    await user.pipe(line('rsa'), 'authorize', '--restrict');
    const { status, stderr } = await user.pipe(line('rsa'), 'authorize');
    expect([status, stderr]).toEqual([125, expect.stringContaining('already')]);
    expect(fs.readFileSync(user.file('.config/rexa/authorized_keys'), 'utf8')).toBe(
      `restrict ${line('rsa')}\n`,
    );
  });

  it.each([
    ['a broken key', 'ssh-rsa AAAA\n', [], 'is not valid'],
    [
      'a key of another type than it says',
      line('rsa').replace('ssh-rsa', 'ssh-ed25519'),
      [],
      'is declared as',
    ],
    ['a certificate', fixtureText('certificates/ed25519'), [], 'a certificate, where a plain key belongs'],
    ['a short RSA key', line('rsa1024'), [], 'too weak'],
    ['nothing', '\n# nothing\n', [], 'no key in stdin'],
    ['a command with a newline', line('rsa'), ['--command', 'a\nb'], 'has no newline'],
    ['networks that are none', line('rsa'), ['--from', '10.0.0.0/33'], 'from'],
    ['a host name', line('rsa'), ['--from', '10.0.0.0/8,build1'], "'build1' is not an address"],
    ['a pattern of host names', line('rsa'), ['--from', '*.example.com'], 'not resolved'],
    ['an address that is none', line('rsa'), ['--from', '10.0.0'], 'not an address'],
    ['a time in the past', line('rsa'), ['--expires', '20201231'], 'this time has passed'],
    ['a date that is none', line('rsa'), ['--expires', 'tomorrow'], 'expiry-time'],
    ['a variable without a value', line('rsa'), ['--environment', 'A'], 'not of the form NAME=VALUE'],
    [
      'principals without an authority',
      line('rsa'),
      ['--principals', 'a'],
      '--principals requires --cert-authority',
    ],
  ])('refuses %s, and writes nothing', async (_what, input, words, message) => {
    const user = createUser();
    const { status, stderr } = await user.pipe(input, 'authorize', ...words);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
    expect(fs.existsSync(user.file('.config/rexa/authorized_keys'))).toBe(false);
  });

  it('refuses to write where others can', async () => {
    const user = createUser();
    fs.mkdirSync(user.file('.config/rexa'), { recursive: true });
    fs.chmodSync(user.file('.config/rexa'), 0o777);
    const { status, stderr } = await user.pipe(line('rsa'), 'authorize');
    expect([status, stderr]).toEqual([125, expect.stringContaining('chmod go-w')]);
  });
});

describe('rexa keys list --authorized, and revoke', () => {
  it('agree with the daemon on the file, whatever XDG_CONFIG_HOME says to either', async () => {
    await using daemon = await startTlsDaemon({ own: ['authorized-keys', 'host-key'] });
    const env = { HOME: daemon.home, XDG_CONFIG_HOME: daemon.home, XDG_RUNTIME_DIR: '', REXA_CONFIG: '' };
    const keys = (...words: string[]): Promise<RexaExit> => runRexa(['keys', ...words], { env });
    const login = async () => (await runOverTls(daemon.port, await fixtureSecret('ed25519'))).outcome;
    const name = fingerprint(fixtureKey('ed25519'));
    expect((await keys('authorize', fixturePath('keys/ed25519.pub'))).status).toBe(0);
    expect(await login()).toBe('exited 0');
    expect((await keys('list', '--authorized')).stdout.toString()).toContain(`  ${name}  ssh-ed25519`);
    expect((await keys('revoke', name)).status).toBe(0);
    expect(await login()).toBe('LOGIN_REFUSED');
  });

  it('shows each line with its options, and what is wrong with others', async () => {
    const user = createUser();
    const file = user.file('.config/rexa/authorized_keys');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `restrict,command="a \u001b[2J" ${line('rsa')}\nnonsense\n`, { mode: 0o600 });
    const { status, stdout, stderr } = await user.keys('list', '--authorized');
    expect([status, stdout.toString(), stderr]).toEqual([
      0,
      expect.stringMatching(
        /^keys that are authorized in .*rexa\/authorized_keys, which rexad reads unless .*:\n {2}SHA256:\S+ {2}ssh-rsa {2}rsa of the tests {2}restrict,command="a \\x1b\[2J"\n\nkeys that are authorized in .*\.ssh\/authorized_keys, .*:\n {2}none\n$/,
      ),
      expect.stringContaining(`${file}:2`),
    ]);
    const told = JSON.parse((await user.keys('list', '--authorized', '--json')).stdout.toString()) as object;
    expect(told).toMatchObject({
      authorized: [
        { file, line: 1, keyType: 'ssh-rsa', options: 'restrict,command="a \u001b[2J"', problem: null },
        { file, line: 2, keyType: null, fingerprint: null, problem: expect.any(String) as string },
      ],
      unusableFiles: [],
    });
  });

  it('go by the configuration of the daemon, which says who may log in', async () => {
    const user = createUser();
    await user.pipe(line('rsa'), 'authorize');
    const config = user.file('rexad.yaml');
    fs.writeFileSync(config, 'authorized-keys: [keys/first, ~/second]\nrevoked-keys: revoked\n', {
      mode: 0o600,
    });
    const [first, second] = [user.file('keys/first'), user.file('second')];
    fs.writeFileSync(second, `${line('ed25519')}\n`, { mode: 0o600 });
    const by = ['--daemon-config', config];
    const added = await user.pipe(line('ecdsa256'), 'authorize', ...by);
    expect([added.status, added.stdout.toString()]).toEqual([
      0,
      `${fingerprint(fixtureKey('ecdsa256'))} added to ${first}, which rexad reads by ${config}\n`,
    ]);
    const listed = await user.keys('list', '--authorized', ...by);
    expect(listed.stdout.toString()).toMatch(
      /^keys that are authorized in .*first, which .*:\n.*ecdsa.*\n\nkeys that are authorized in .*second, .*:\n.*ed25519.*\n$/,
    );
    expect(listed.stderr).toContain(`refuses the keys in ${user.file('revoked')}`);
    const revoked = await user.keys('revoke', ...by, fingerprint(fixtureKey('ed25519')));
    expect([revoked.status, revoked.stderr]).toEqual([
      125,
      expect.stringMatching(/second:1 still allows .*\n.*revoke --file .*second SHA256:/),
    ]);
  });

  it('name lines that let nobody in', async () => {
    const user = createUser();
    const file = user.file('.config/rexa/authorized_keys');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `expiry-time="20200101" ${line('rsa')}\nfrom="build1" ${line('ed25519')}\n`);
    const { stdout, stderr } = await user.keys('list', '--authorized');
    expect(stdout.toString()).not.toContain('SHA256:');
    expect(stderr).toMatch(/:1 .*its expiry-time has passed\n.*:2 .*host names are not resolved/);
  });

  it('say that a file that others may write lets nobody in', async () => {
    const user = createUser();
    await user.pipe(line('rsa'), 'authorize');
    fs.chmodSync(user.file('.config/rexa/authorized_keys'), 0o666);
    const { stdout, stderr } = await user.keys('list', '--authorized');
    expect([stdout.toString(), stderr]).toEqual([
      expect.stringMatching(
        /^keys that are authorized in .*\/rexa\/authorized_keys, which rexad reads unless [^\n]*:\n {2}none\n\nkeys that are authorized in .*\.ssh\/authorized_keys, [^\n]*:\n {2}none\n$/,
      ),
      expect.stringMatching(/^rexa: .*\/rexa\/authorized_keys is not safe to use: .*chmod go-w [^\n]*\n$/),
    ]);
    expect((await user.pipe(line('rsa'), 'revoke', '-')).stderr).toContain('chmod go-w');
  });

  it('take every line of a key out, and say where it is let in still', async () => {
    const user = createUser();
    const file = user.file('.config/rexa/authorized_keys');
    const sshFile = user.file('.ssh/authorized_keys');
    for (const each of [file, sshFile]) {
      fs.mkdirSync(path.dirname(each), { recursive: true });
      fs.writeFileSync(each, `# mine\n${line('rsa')}\n${line('ed25519')}\nno-pty ${line('rsa')}\n`);
    }
    const rsa = fingerprint(fixtureKey('rsa'));
    const first = await user.keys('revoke', fixturePath('keys/rsa.pub'));
    expect([first.status, first.stdout.toString(), first.stderr]).toEqual([
      125,
      expect.stringContaining(` from ${file}`),
      [2, 4]
        .map((at) => `rexa: ${sshFile}:${at} still allows the key ${rsa}\n`)
        .concat(`rexa: rexa keys revoke --file ${sshFile} ${rsa} removes it there, also for sshd\n`)
        .join(''),
    ]);
    expect((await user.keys('revoke', '--file', sshFile, fingerprint(fixtureKey('rsa')))).status).toBe(0);
    for (const each of [file, sshFile])
      expect(fs.readFileSync(each, 'utf8')).toBe(`# mine\n${line('ed25519')}\n`);
    const again = await user.keys('revoke', fingerprint(fixtureKey('rsa')));
    expect([again.status, again.stderr]).toEqual([125, expect.stringContaining('list --authorized')]);
  });

  it.each([
    [['revoke'], 'a key is missing'],
    [['revoke', 'SHA256:x'], 'is not a fingerprint'],
    [['revoke', '/nonexistent'], 'there is no such file'],
    [['list', '--file', 'x'], 'list --authorized'],
    [['list', '--daemon-config', 'x'], 'list --authorized'],
    [['list', '--authorized', '--daemon-config', '/nonexistent'], '/nonexistent'],
    [['authorize', '--file', 'x'], '--file is for rexa keys list and revoke'],
  ])('say what is wrong with %j', async (words, message) => {
    const { status, stderr } = await createUser().keys(...words);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });
});

describe('rexa keys copy', () => {
  /**
   * A daemon that reads the usual files of its home folder, and has rexa in its PATH. Its commands have the home folder of
   * the account, which is that of the tests, so that the program sets the other one.
   */
  async function startHost() {
    const home = makeTestFolder();
    const script = `#!/bin/sh\nHOME=${home} exec ${process.execPath} ${REXA} "$@"\n`;
    fs.writeFileSync(path.join(home, 'rexa'), script, { mode: 0o755 });
    const daemon = await startTlsDaemon({
      own: ['authorized-keys'],
      env: { HOME: home, PATH: `${home}:${process.env['PATH']}` },
    });
    return { ...daemon, keysFile: path.join(home, '.config/rexa/authorized_keys') };
  }

  it('lets a key log in at a host, which was let in otherwise, and leaves one that is there', async () => {
    await using daemon = await startHost();
    const user = createUser();
    const key = fingerprint(fixtureKey('ed25519'));
    const copy = () => user.keys('copy', daemon.address, fixturePath('keys/ed25519.pub'));
    const copied = await copy();
    expect([copied.status, copied.stderr, copied.stdout.toString()]).toEqual([
      0,
      '',
      `${key} added at ${daemon.address}\n`,
    ]);
    const again = await copy();
    expect([again.status, again.stdout.toString()]).toEqual([
      0,
      `${key} may log in already at ${daemon.address}\n`,
    ]);
    const lines = fs.readFileSync(daemon.keysFile, 'utf8');
    expect(lines).toBe(`${line('ed25519')}\n`);
    await user.keys('add', `127.0.0.1:${daemon.port}`, daemon.fingerprint);
    const secret = user.file('key');
    fs.writeFileSync(secret, fixtureText('keys/ed25519'), { mode: 0o600 });
    const run = await runRexa(['run', '-i', secret, `127.0.0.1:${daemon.port}`, '--', 'echo', 'in'], {
      env: user.env,
    });
    expect([run.status, run.stdout.toString()]).toEqual([0, 'in\n']);
  });

  it('copies all own keys without a file, and those on stdin with -', async () => {
    await using daemon = await startHost();
    const user = createUser();
    fs.mkdirSync(user.file('.ssh'), { mode: 0o700 });
    for (const [name, key] of [
      ['id_ed25519', 'ed25519'],
      ['id_rsa', 'rsa'],
    ] as const)
      fs.writeFileSync(user.file(`.ssh/${name}`), fixtureText(`keys/${key}`), { mode: 0o600 });
    const own = await user.keys('copy', daemon.address);
    expect(own.stdout.toString().match(/ added at /g)).toHaveLength(2);
    const piped = await user.pipe(`${line('rsa')}\n${line('ecdsa256')}\n`, 'copy', daemon.address, '-');
    expect(piped.stdout.toString().split('\n').slice(0, 2)).toEqual([
      `${fingerprint(fixtureKey('rsa'))} may log in already at ${daemon.address}`,
      `${fingerprint(fixtureKey('ecdsa256'))} added at ${daemon.address}`,
    ]);
  });

  it('adds no key from the comment of another one, and takes a key that is given twice', async () => {
    await using daemon = await startHost();
    const user = createUser();
    const comment = `me\u2028\n${line('rsa')}\r\n${line('ecdsa384')}`;
    const agent = await startAgent(honestly([{ ...(await fixtureSecret('ed25519')), comment }]));
    const env = { ...user.env, SSH_AUTH_SOCK: agent };
    const copied = await runRexa(['keys', 'copy', daemon.address], { env });
    expect([copied.status, copied.stderr]).toEqual([0, '']);
    const twice = await user.pipe(`${line('ecdsa256')}\n${line('ecdsa256')}\n`, 'copy', daemon.address, '-');
    expect([twice.status, twice.stderr]).toEqual([0, '']);
    const lines = fs.readFileSync(daemon.keysFile, 'utf8').trim().split('\n');
    expect(lines.map((each) => each.split(' ')[0])).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
  });

  it('says what is wrong', async () => {
    await using daemon = await startTlsDaemon();
    const user = createUser();
    const missing = await user.keys('copy', daemon.address, fixturePath('keys/ed25519.pub'));
    expect([missing.status, missing.stderr]).toEqual([
      125,
      expect.stringMatching(/^rexa: rexa keys failed on the host: .*no program named 'rexa' was found/),
    ]);
    const none = await user.keys('copy', daemon.address);
    expect([none.status, none.stderr]).toEqual([125, expect.stringContaining('there is no key to copy')]);
  });
});
