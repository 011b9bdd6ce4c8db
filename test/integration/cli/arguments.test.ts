import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

/** A program that prints its arguments, folder and environment as JSON. */
function placeWitness({ folder }: TestDaemon): readonly string[] {
  const path = join(folder, 'witness.mjs');
  const told = '{ args: process.argv.slice(2), cwd: process.cwd(), env: process.env }';
  writeFileSync(path, `process.stdout.write(JSON.stringify(${told}));\n`);
  return [process.execPath, path];
}

interface Witnessed {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

async function witness(
  daemon: TestDaemon,
  before: readonly string[],
  args: readonly string[],
): Promise<Witnessed> {
  const { stdout, stderr } = await runRexa([
    'run',
    ...before,
    daemon.address,
    '--',
    ...placeWitness(daemon),
    ...args,
  ]);
  expect(stderr).toBe('');
  return JSON.parse(stdout.toString()) as Witnessed;
}

describe('the arguments of a command', () => {
  it.each([
    ['spaces and quotes', ['a b', "it's", '"', "'", '`', ' ', '  x  ']],
    [
      'what a shell would expand',
      ['$HOME', '*', '~', '$(id)', '`id`', '!!', '{a,b}', '\\', '\\n', 'a;b', 'a|b', '&', '#', '>x'],
    ],
    ['empty ones', ['', '', 'x', '']],
    ['line ends and control characters', ['a\nb', '\n', '\r\n', '\t', '\u0001', '\u001b[31m']],
    ['other scripts', ['你好', '日本語', 'ü', '👩‍👩‍👧', '\u202eabc', 'e\u0301']],
    [
      'what an option parser would turn into numbers',
      ['1e3', '0x10', '007', '-0', '1_000', 'NaN', 'true', 'null', '.5'],
    ],
    [
      'options of rexa',
      ['-n', '--json', '--timeout', '5', '-c', 'x', '--help', '--version', '--unheard-of', '--no-json'],
    ],
    ['double dashes', ['--', 'a', '--', '--', '-']],
    ['repeated options', ['--x=1', '--x=2', '-a', '-a']],
    ['a long one', ['x'.repeat(100_000)]],
  ])('arrive as they were given: %s', async (_, args) => {
    await using daemon = await startDaemon();
    expect((await witness(daemon, [], args)).args).toEqual(args);
  });

  it('arrive as they were given behind a first word that is no option, without --', async () => {
    await using daemon = await startDaemon();
    const args = ['-n', '--', '--json', '1e3'];
    const { stdout } = await runRexa([
      '--json',
      'run',
      daemon.address,
      '-n',
      ...placeWitness(daemon),
      ...args,
    ]);
    const told = JSON.parse(stdout.toString()) as { readonly stdout: string };
    expect((JSON.parse(told.stdout) as Witnessed).args).toEqual(args);
  });
});

describe('where and with what a command runs', () => {
  it('is the home folder, or where --cwd says', async () => {
    await using daemon = await startDaemon();
    expect((await witness(daemon, [], [])).cwd).toBe(userInfo().homedir);
    expect((await witness(daemon, ['--cwd', daemon.folder], [])).cwd).toBe(daemon.folder);
  });

  it('has the variables of --env, and not ours', async () => {
    await using daemon = await startDaemon();
    const words = ['--env', 'A=1=2', '--env', 'B=', '--env', 'C=a b\nc', '--env', 'A=last'];
    const { env } = await witness(daemon, words, []);
    expect(env).toMatchObject({ A: 'last', B: '', C: 'a b\nc' });
    const own = await runRexa(['run', daemon.address, 'env'], { env: { ONLY_OF_THE_CLIENT: '1' } });
    expect(own.stdout.toString()).not.toContain('ONLY_OF_THE_CLIENT');
  });

  it('passes the id on', async () => {
    // Such a run is a job, and remembered by the home that it was run in
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    const { stdout } = await runRexa(['run', '--json', '--id', 'my:id-1.2_3', daemon.address, 'true']);
    expect(JSON.parse(stdout.toString())).toMatchObject({ id: 'my:id-1.2_3', jobId: 'my:id-1.2_3' });
  });
});
