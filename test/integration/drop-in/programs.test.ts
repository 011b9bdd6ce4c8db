import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DropIn, hasProgram, type ProgramExit, startDropIn } from '../../fixtures/drop-in.ts';
import { writePattern } from '../../fixtures/pattern.ts';

const MIB = 1 << 20;
/** A hundred megabytes through several programs, on a machine that has other things to do. */
const LONG_MS = 120_000;

/** The exit of a program that must not fail: its stdout. */
function succeed({ status, stdout, stderr }: ProgramExit): string {
  expect([status, stderr]).toEqual([0, stderr]);
  return stdout;
}

/** A tree with large files, many small ones, an empty one, odd names, a link and a program. */
function makeTree(folder: string, megabytes: number): void {
  mkdirSync(join(folder, 'small files'), { recursive: true });
  for (let index = 0; index < 4; index++) writePattern(join(folder, `large-${index}`), (megabytes * MIB) / 4);
  for (let index = 0; index < 100; index++)
    writePattern(join(folder, 'small files', String(index)), index * 97);
  writeFileSync(join(folder, "中文 'quoted' $HOME `id`"), 'odd\r\n\0\xff');
  writeFileSync(join(folder, 'program'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('program', join(folder, 'link'));
}

async function expectSameTrees({ run }: DropIn, one: string, two: string): Promise<void> {
  expect(succeed(await run(['diff', '-r', '--no-dereference', one, two]))).toBe('');
}

describe.runIf(hasProgram('git'))('git, with nothing but GIT_SSH_COMMAND', () => {
  const ME = {
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@b',
  };

  it.each([
    ['rexa ssh', {}],
    ['rexa', {}],
    ['rexa ssh, in protocol 0', { GIT_PROTOCOL_VERSION: '0' }],
  ])('clones, pushes and fetches by a URL with a port through %s', async (name, more) => {
    await using host = await startDropIn();
    const { run, folder, port } = host;
    const [command = ''] = name.split(',');
    const version = 'GIT_PROTOCOL_VERSION' in more ? ['-c', 'protocol.version=0'] : [];
    const git = (...words: readonly string[]): Promise<ProgramExit> =>
      run(['git', ...version, ...words], { ...ME, GIT_SSH_COMMAND: command });
    const url = `ssh://127.0.0.1:${port}${folder}/origin.git`;
    succeed(await git('init', '-q', '--bare', 'origin.git'));
    succeed(await git('clone', '-q', url, 'one'));
    writePattern(join(folder, 'one/large'), 3 * MIB + 1);
    succeed(await git('-C', 'one', 'add', '.'));
    succeed(await git('-C', 'one', 'commit', '-qm', 'first'));
    succeed(await git('-C', 'one', 'push', '-q', 'origin', 'HEAD:main'));
    succeed(await git('clone', '-q', '-b', 'main', url, 'two'));
    expect(readFileSync(join(folder, 'two/large')).equals(readFileSync(join(folder, 'one/large')))).toBe(
      true,
    );
    writeFileSync(join(folder, 'two/small'), 'second');
    succeed(await git('-C', 'two', 'add', '.'));
    succeed(await git('-C', 'two', 'commit', '-qm', 'second'));
    succeed(await git('-C', 'two', 'push', '-q'));
    succeed(await git('-C', 'one', 'fetch', '-q'));
    expect(succeed(await git('-C', 'one', 'log', '--format=%s', 'origin/main'))).toBe('second\nfirst\n');
  });

  it('is spoken to in protocol 2, which its variable asks for', async () => {
    await using host = await startDropIn();
    const { run, folder, port } = host;
    const env = { GIT_SSH_COMMAND: 'rexa ssh', GIT_TRACE_PACKET: '1' };
    succeed(await run(['git', 'init', '-q', '--bare', 'origin.git']));
    const { stderr } = await run(['git', 'ls-remote', `ssh://127.0.0.1:${port}${folder}/origin.git`], env);
    expect(stderr).toContain('< version 2');
  });

  it.runIf(hasProgram('git-shell'))(
    'goes through git-shell, where that is all that a key may run',
    async () => {
      const command = 'command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"",restrict';
      await using host = await startDropIn({ keyOptions: command });
      const { run, folder, port } = host;
      const url = `ssh://127.0.0.1:${port}${folder}/origin.git`;
      const env = { ...ME, GIT_SSH_COMMAND: 'rexa ssh', GIT_TRACE_PACKET: '1' };
      succeed(await run(['git', 'init', '-q', '--bare', 'origin.git']));
      succeed(await run(['git', 'clone', '-q', url, 'one'], env));
      succeed(await run(['git', '-C', 'one', 'commit', '-q', '--allow-empty', '-m', 'first'], ME));
      succeed(await run(['git', '-C', 'one', 'push', '-q', 'origin', 'HEAD:main'], env));
      const { stdout, stderr } = await run(['git', 'ls-remote', '--heads', url], env);
      expect([stdout, stderr]).toEqual([
        expect.stringMatching(/refs\/heads\/main\n$/),
        expect.stringContaining('< version 2'),
      ]);
      const other = await run(['rexa', 'ssh', '-n', '-p', String(port), '127.0.0.1', 'id']);
      expect([other.status, other.stdout]).toEqual([128, '']);
    },
  );

  it('hears why a host was not reached', async () => {
    await using host = await startDropIn();
    const env = { GIT_SSH_COMMAND: 'rexa ssh' };
    const { status, stderr } = await host.run(['git', 'ls-remote', 'ssh://127.0.0.1:1/x'], env);
    expect([status, stderr]).toEqual([128, expect.stringMatching(/^rexa: unreachable: /)]);
  });
});

describe.runIf(hasProgram('rsync'))('rsync -e', () => {
  it(
    'carries a tree of 100 MB there and back, and then only what has changed',
    async () => {
      await using host = await startDropIn();
      const { run, folder, port } = host;
      const transport = ['-e', `rexa ssh -p ${port}`];
      makeTree(join(folder, 'tree'), 100);
      succeed(await run(['rsync', '-a', ...transport, 'tree/', `127.0.0.1:${folder}/there/`]));
      await expectSameTrees(host, 'tree', 'there');
      succeed(await run(['rsync', '-a', ...transport, `127.0.0.1:${folder}/there/`, 'back/']));
      await expectSameTrees(host, 'tree', 'back');

      const descriptor = openSync(join(folder, 'tree/large-1'), 'r+');
      writeSync(descriptor, 'changed', 7 * MIB);
      writeFileSync(join(folder, 'tree/new'), 'new');
      const stats = succeed(
        await run(['rsync', '-a', '--stats', ...transport, 'tree/', `127.0.0.1:${folder}/there/`]),
      );
      await expectSameTrees(host, 'tree', 'there');
      const literal = Number(/Literal data: ([\d,]+)/.exec(stats)?.[1]?.replaceAll(',', ''));
      expect(literal).toBeLessThan(MIB);
    },
    LONG_MS,
  );
});

describe.runIf(hasProgram('scp') && hasProgram('sftp'))('scp and sftp -S rexa', () => {
  it.each([
    ['over sftp', []],
    ['over the old protocol', ['-O']],
  ])('scp copies a tree there and back %s', async (_, mode) => {
    await using host = await startDropIn();
    const { run, folder, port } = host;
    makeTree(join(folder, 'tree'), 8);
    const scp = ['scp', '-q', '-r', ...mode, '-S', 'rexa', '-P', String(port)];
    succeed(await run([...scp, 'tree', `127.0.0.1:${folder}/there`]));
    succeed(await run([...scp, `127.0.0.1:${folder}/there`, 'back']));
    expect(succeed(await run(['diff', '-r', 'tree', 'back']))).toBe('');
  });

  it('scp copies between two hosts through us', async () => {
    await using host = await startDropIn();
    const { run, folder, port } = host;
    writePattern(join(folder, 'one'), MIB);
    const url = (name: string): string => `scp://127.0.0.1:${port}/${folder}/${name}`;
    succeed(await run(['scp', '-q', '-3', '-S', 'rexa', url('one'), url('two')]));
    expect(readFileSync(join(folder, 'two')).equals(readFileSync(join(folder, 'one')))).toBe(true);
  });

  it('sftp runs a batch', async () => {
    await using host = await startDropIn();
    const { run, folder, port } = host;
    writePattern(join(folder, 'one'), 3 * MIB);
    const lines = [
      `mkdir ${folder}/d`,
      `put one ${folder}/d/two`,
      `get ${folder}/d/two three`,
      `ls -1 ${folder}/d`,
    ];
    writeFileSync(join(folder, 'batch'), lines.join('\n'));
    const told = succeed(
      await run(['sftp', '-q', '-S', 'rexa', '-P', String(port), '-b', 'batch', '127.0.0.1']),
    );
    expect(told).toContain(`${folder}/d/two`);
    expect(readFileSync(join(folder, 'three')).equals(readFileSync(join(folder, 'one')))).toBe(true);
  });
});

describe('tar', () => {
  it('goes through a pipe to a host and back', async () => {
    await using host = await startDropIn();
    const { run, folder, port } = host;
    makeTree(join(folder, 'tree'), 20);
    mkdirSync(join(folder, 'there'));
    mkdirSync(join(folder, 'back'));
    const rexa = `rexa -p ${port} 127.0.0.1`;
    succeed(await run(['sh', '-c', `tar c tree | ${rexa} tar x -C ${folder}/there`]));
    await expectSameTrees(host, 'tree', 'there/tree');
    succeed(await run(['sh', '-c', `${rexa} tar c -C ${folder}/there tree | tar x -C back`]));
    await expectSameTrees(host, 'tree', 'back/tree');
  });
});

describe.runIf(hasProgram('ansible'))('ansible', () => {
  const settings = (host: DropIn): Record<string, string> => ({
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_REMOTE_TEMP: join(host.folder, 'remote'),
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ANSIBLE_SSH_EXECUTABLE: 'rexa',
  });
  const words = ({ port }: DropIn): readonly string[] => [
    'ansible',
    '-i',
    '127.0.0.1,',
    'all',
    '-c',
    'ssh',
    '-e',
    `ansible_port=${port}`,
    '-e',
    "ansible_sftp_extra_args='-S rexa'",
    '-e',
    "ansible_scp_extra_args='-S rexa'",
  ];

  it.each([
    ['on a terminal, as it does by itself', '0'],
    ['through pipes', '1'],
  ])(
    'reaches a host by its ssh connection %s',
    async (_, pipelining) => {
      await using host = await startDropIn();
      const env = { ...settings(host), ANSIBLE_PIPELINING: pipelining };
      const told = succeed(await host.run([...words(host), '-m', 'ping'], env));
      expect(told).toMatch(/127\.0\.0\.1 \| SUCCESS => \{.*"ping": "pong"/s);
    },
    LONG_MS,
  );

  it.each(['sftp', 'scp', 'piped'])(
    'copies a file by %s',
    async (method) => {
      await using host = await startDropIn();
      writePattern(join(host.folder, 'one'), 100_000);
      const copy = [...words(host), '-m', 'copy', '-a', `src=${host.folder}/one dest=${host.folder}/there`];
      const env = { ...settings(host), ANSIBLE_SSH_TRANSFER_METHOD: method };
      expect(succeed(await host.run(copy, env))).toContain('127.0.0.1 | CHANGED');
      expect(readdirSync(host.folder)).toContain('there');
      expect(readFileSync(join(host.folder, 'there')).equals(readFileSync(join(host.folder, 'one')))).toBe(
        true,
      );
    },
    LONG_MS,
  );
});
