import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RESERVED_WORDS } from '../../../src/cli/tables/program.ts';
import { VERSION } from '../../../src/protocol/version.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

describe('a command line that cannot be understood', () => {
  it.each([
    [['--json'], 125, 'a command or a HOST is missing', '--help'],
    [['run'], 125, 'a HOST is missing: rexa run HOST -- FILE [ARG...]', 'run --help'],
    [
      ['run', 'local'],
      125,
      "a command is missing after HOST 'local': rexa run HOST FILE [ARG...], or rexa run HOST -c LINE",
      'run --help',
    ],
    [
      ['run', '--tiemout', '5', 'local', 'id'],
      125,
      'unknown option --tiemout of rexa run; did you mean --timeout?',
      'run --help',
    ],
    [
      ['--tiemout', '5', 'run', 'local', 'id'],
      125,
      'unknown option --tiemout of rexa; did you mean --timeout?',
      'run --help',
    ],
    [
      ['--json', '--tiemout', '5', 'ping', 'local'],
      125,
      'unknown option --tiemout of rexa; did you mean --timeout?',
      'ping --help',
    ],
    [['--timeout', 'run', 'host', 'id'], 255, 'unknown option --timeout of rexa ssh', 'ssh --help'],
    [
      ['run', 'local', '--json', '--timeout', 'x', 'id'],
      125,
      /^--timeout: 'x' is not a duration/,
      'run --help',
    ],
    [['run', 'local', '-c', 'id', 'x'], 125, /^-c LINE takes no further arguments$/, 'run --help'],
    [['ssh'], 255, 'a HOST is missing: rexa ssh HOST COMMAND...', 'ssh --help'],
    [['-L', '1:a', 'host', 'id'], 255, "Bad local forwarding specification '1:a'", 'ssh --help'],
    [['-Z', 'host', 'id'], 255, 'unknown option -Z of rexa', 'ssh --help'],
    [['ping'], 125, 'a HOST is missing: rexa ping HOST', 'ping --help'],
    [['ping', 'local', 'x'], 125, "unexpected argument 'x' for rexa ping", 'ping --help'],
    [['ping', '-c', '0', 'local'], 125, /^-c: '0' is not a number from 1 to/, 'ping --help'],
    [['completion'], 125, 'the name of a shell is missing: bash, zsh, fish', 'completion --help'],
    [
      ['completion', 'csh'],
      125,
      "no completion for the shell 'csh'; use bash, zsh, fish",
      'completion --help',
    ],
    [['help', 'rnu'], 125, "unknown command 'rnu'; did you mean run?", 'help --help'],
    [['version', 'x'], 125, "unexpected argument 'x' for rexa version", 'version --help'],
  ])('%j exits with %d and says what and how', async (words, status, message, hint) => {
    const exit = await runRexa(words);
    expect([exit.status, exit.stdout.toString()]).toEqual([status, '']);
    const [first = '', second] = exit.stderr.split('\n');
    expect(first).toMatch(/^rexa: /);
    if (typeof message === 'string') expect(first).toBe(`rexa: ${message}`);
    else expect(first.slice('rexa: '.length)).toMatch(message);
    expect(second).toBe(`rexa: 'rexa ${hint}' shows the usage`);
  });

  it.each(Object.keys(RESERVED_WORDS))(
    'refuses the reserved word %s by name, and takes it for no host',
    async (word) => {
      const { status, stdout, stderr } = await runRexa([word, 'x']);
      expect([status, stdout.toString()]).toEqual([125, '']);
      expect(stderr).toMatch(
        new RegExp(`^rexa: the command ${word} \\(.*\\) is not available in this version of rexa`),
      );
    },
  );
});

describe('a first word that is almost a command', () => {
  it.each([
    [
      'rum',
      [],
      /^rexa: 'rum' was taken as a host name; did you mean the command rexa run\?\nrexa: unreachable: /,
    ],
    [
      'runn',
      ['local'],
      /^rexa: 'runn' was taken as a host name; did you mean the command rexa run\?\nrexa: un/,
    ],
    [
      'locla',
      [],
      /^rexa: 'locla' was taken as a host name; did you mean the host local\?\nrexa: unreachable: /,
    ],
    [
      'rum',
      ['-Z', 'local', 'ls'],
      /^rexa: unknown option -Z .*\n.*\nrexa: did you mean the command rexa run\?\n$/,
    ],
  ])(
    '%s %j is a host that is not there, and perhaps meant for the command',
    async (word, words, expected) => {
      const { status, stderr } = await runRexa([word, ...words]);
      expect([status, stderr]).toEqual([255, expect.stringMatching(expected)]);
    },
  );
});

describe('a name that is almost one of the configuration', () => {
  it('is suggested before it is looked up, unless it is there itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-names-'));
    const config = join(folder, 'config.yaml');
    writeFileSync(config, 'hosts: {build1: {address: "127.0.0.1:1", aliases: [bild]}}\n', { mode: 0o600 });
    const ask = async (name: string) =>
      (await runRexa(['run', '-n', '--config', config, name, 'true'])).stderr;
    expect(await ask('biuld1')).toMatch(
      /^rexa: 'biuld1' was taken as a host name; did you mean the host build1\?\n/,
    );
    for (const name of ['build1', 'bild']) expect(await ask(name)).not.toContain('did you mean');
    rmSync(folder, { recursive: true });
  });
});

describe('a shell on a name that is almost one', () => {
  it('suggests the other one once', async () => {
    const { stderr } = await runRexa(['shell', 'locla']);
    expect(stderr.match(/did you mean/g)).toHaveLength(1);
  });
});

describe('an action that there is not', () => {
  it.each([
    [['jobs', 'purne', 'local'], "unknown action 'purne' for rexa jobs; did you mean prune?"],
    [['jobs', 'build1', 'x'], "unexpected argument 'x' for rexa jobs"],
    [['keys', 'lst'], "unknown action 'lst' for rexa keys; did you mean list?"],
  ])('is named, with what was probably meant: %j', async (words, expected) => {
    const { status, stderr } = await runRexa(words);
    expect([status, stderr.split('\n')[0]]).toEqual([125, `rexa: ${expected}`]);
  });
});

describe('a mistake at this end', () => {
  it.each([
    ['a variable that is not set', ['-i', 'env:REXA_UNSET', '127.0.0.1'], 'USAGE'],
    ['an address that is none', ['tls://x:99999'], 'ADDRESS_INVALID'],
    ['a configuration that is not there', ['--config', '/nowhere/c.yaml', 'local'], 'CONFIG_MISSING'],
    ['a configuration that others may write', ['--config', 'OPEN', 'local'], 'AUTH_FILE_UNSAFE'],
    ['a configuration that is wrong', ['--config', 'WRONG', 'local'], 'CONFIG_INVALID'],
    ['a group in place of a host', ['--config', 'GROUP', 'web'], 'USAGE'],
  ])('is not-started, and no reason to try again: %s', async (_what, words, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-mistakes-'));
    const files = { OPEN: 'hosts: {}\n', WRONG: 'host: 1\n', GROUP: 'groups: {web: {hosts: [a]}}\n' };
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    chmodSync(join(folder, 'OPEN'), 0o666);
    const asked = words.map((word) => (word in files ? join(folder, word) : word));
    const { status, stdout } = await runRexa(['run', '-n', '--json', ...asked, 'true']);
    expect([status, JSON.parse(stdout.toString())]).toMatchObject([
      125,
      { outcome: 'not-started', code, retryable: false },
    ]);
    rmSync(folder, { recursive: true });
  });
});

describe('a file behind --json with a space', () => {
  it.each([
    ['out.json', true],
    ['/nowhere/out', true],
    ['host.invalid', false],
  ])('is taken for the HOST, and = is suggested: %s', async (host, isSuggested) => {
    const { status, stderr } = await runRexa(['run', '-n', '--json', host, 'build1', '--', 'true']);
    expect([status, stderr.includes(`did you mean --json=${host}?`)]).toEqual([125, isSuggested]);
  });
});

describe('a file that cannot be written', () => {
  it.each([
    ['run', ['run', '--json=/nowhere/out.json'], '--json', 125],
    ['ssh', ['ssh', '-E', '/nowhere/out.json'], '-E', 255],
    ['smoke record', ['smoke', 'record', '-o', '/nowhere/out.json'], '-o', 125],
  ])('is refused by rexa %s before anything is run', async (_what, words, option, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-unwritable-'));
    const { status, stderr } = await runRexa([...words, 'local', '--', 'touch', join(folder, 'mark')]);
    expect([status, stderr.split('\n')[0], existsSync(join(folder, 'mark'))]).toEqual([
      expected,
      `rexa: ${option}: cannot write /nowhere/out.json: there is no folder /nowhere`,
      false,
    ]);
    rmSync(folder, { recursive: true });
  });
});

describe('rexa without a word', () => {
  it('says how it is called', async () => {
    const { status, stdout, stderr } = await runRexa([]);
    expect([status, stdout.toString()]).toEqual([125, '']);
    expect(stderr).toMatch(/^usage: rexa run HOST.*\ncommands: run, ssh, .*rexa help.*rexa local/s);
  });
});

describe('help', () => {
  it.each([[['--help']], [['-h']], [['help']], [['--json', '--help']]])('%j is of rexa', async (words) => {
    const { status, stdout, stderr } = await runRexa(words);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.toString()).toMatch(/^Usage: rexa run HOST.*\nCommands:\n/s);
  });

  it.each([
    [['run', '--help']],
    [['--help', 'run']],
    [['run', '-h', '--unheard-of']],
    [['run', 'local', '--help']],
    [['help', 'run']],
  ])('%j is of run', async (words) => {
    const { status, stdout } = await runRexa(words);
    expect(status).toBe(0);
    expect(stdout.toString()).toMatch(/^Usage: rexa run .*--kill-after DURATION.*Examples:/s);
  });

  it('is not asked for by a word of the command', async () => {
    const { stdout, stderr } = await runRexa(['run', 'unix:/nobody/there.sock', 'ls', '--help']);
    expect([stdout.toString(), stderr]).toEqual(['', expect.stringMatching(/^rexa: unreachable: /)]);
  });
});

describe('the version', () => {
  it.each([[['--version']], [['-V']], [['version']], [['run', '--version']]])(
    'is shown by %j',
    async (words) => {
      const { status, stdout } = await runRexa(words);
      expect(status).toBe(0);
      expect(stdout.toString()).toBe(`rexa ${VERSION} (protocol 1, Node ${process.versions.node})\n`);
    },
  );
});
