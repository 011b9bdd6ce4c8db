import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../fixtures/is-alive.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { type InstalledPackage, installPackage, ROOT, runProgram } from './installed-package.ts';
import { createEnvironment, startDaemon } from './own-daemon.ts';

/** Programs that the examples call, in place of the real ones. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'bin/git': 'echo 1234567 the last commit',
  // Without a target it goes on until it is ended
  'bin/make': '[ $# -gt 0 ] || exec sleep 1000',
  'bin/journalctl': 'while echo ready; do sleep 0.05; done',
  'bin/uptime': 'echo up',
  'app/deploy': 'echo deployed',
  'app/backup': 'echo saved',
  'app/src/file': '',
  'app/app.log': 'echo a line',
  'app/a.sql': 'echo a table',
  'user/site/index.html': 'echo a page',
  'user/disk.img': 'echo a disk',
};
/** What stands before an example that does not open it itself. */
const GIVEN: readonly (readonly [uses: RegExp, declares: RegExp, line: string])[] = [
  [/\bhost\b/, /\bhost = /, "await using host = await open('build1', { cwd: '/srv/app' });"],
  [/\bother\b/, /\bother = /, "await using other = await open('build2');"],
  [/\btarget\b/, /\btarget = /, "const target = 'all';"],
];

let installed: InstalledPackage;
let daemon: Awaited<ReturnType<typeof startDaemon>>;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  installed = await installPackage();
  const { folder } = installed;
  for (const path of ['bin', 'app/src', 'user/node_modules', 'user/site', '.config/rexa'])
    await mkdir(join(folder, path), { recursive: true, mode: 0o700 });
  for (const [file, line] of Object.entries(PROGRAMS))
    await writeFile(join(folder, file), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  env = { ...createEnvironment(folder), PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  daemon = await startDaemon(join(installed.prefix, 'bin', 'rexad'), folder, env);
  const hosts = ['build1', 'build2'].map((name) => `  ${name}: {address: '${daemon.url}'}\n`);
  await writeFile(join(folder, '.config/rexa/config.yaml'), `hosts:\n${hosts.join('')}`, { mode: 0o600 });
  // The folder of `local`
  await symlink(join(folder, 'daemon'), join(folder, 'rexa'));
  for (const name of ['@types', 'undici-types', 'expect-type'])
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'user/node_modules', name));
  await symlink(installed.path, join(folder, 'user/node_modules/rexa'));
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await endSupervisors();
  await installed[Symbol.asyncDispose]();
});

/** The supervisor of jobs outlives the daemon. */
async function endSupervisors(): Promise<void> {
  const log = await readFile(join(installed.folder, '.local/state/rexa/keeper.log'), 'utf8').catch(() => '');
  for (const [, pid] of log.matchAll(/ ready pid=(\d+)/g)) {
    if (isAlive(Number(pid))) process.kill(Number(pid));
    await waitUntil('the supervisor has left', () => !isAlive(Number(pid)));
  }
}

/** Compiles programs that use the package as strictly as a user can. @returns what the compiler says */
async function compile(programs: Readonly<Record<string, string>>): Promise<string> {
  const cwd = join(installed.folder, 'user');
  for (const [name, text] of Object.entries(programs)) await writeFile(join(cwd, name), text);
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noEmit'];
  const target = ['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,esnext.disposable'];
  const words = [
    ...strict,
    ...target,
    '--types',
    'node',
    '--skipLibCheck',
    'false',
    ...Object.keys(programs),
  ];
  const { stdout } = await runProgram('tsc', words, { cwd, mayFail: true });
  return stdout;
}

/** The blocks of JavaScript of a page. */
async function readExamples(page: string): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

function complete(example: string): string {
  const lines = GIVEN.filter(([uses, declares]) => uses.test(example) && !declares.test(example));
  const given = lines.map(([, , line]) => line).join('\n');
  const program = `import { connect as open } from 'rexa';\nvoid open;\n${given}\n${example}`;
  return program.replaceAll('/srv/app', join(installed.folder, 'app'));
}

describe('an example of the library', () => {
  it.each(['library.md', 'execa.md'])(
    'in docs/%s compiles, and runs to its end',
    async (page) => {
      const examples = await readExamples(page);
      expect(examples).not.toEqual([]);
      const programs = Object.fromEntries(
        examples.map((example, index) => [`${page}-${index}.mts`, complete(example)]),
      );
      expect(await compile(programs)).toBe('');
      const cwd = join(installed.folder, 'user');
      for (const [name, example] of Object.entries(programs)) {
        const ran = await runProgram(process.execPath, [name], { cwd, env, mayFail: true });
        expect([example, ran.status, ran.stderr]).toEqual([example, 0, '']);
      }
    },
    600_000,
  );
});

describe('the types of the package', () => {
  it.each([
    [
      'rexa',
      `import { type Host, type HostExecaError, type Hosts, RunError, connect, connectAll, $, type RunResult } from 'rexa';
       expectTypeOf(connect).returns.resolves.toEqualTypeOf<Host>();
       expectTypeOf(connectAll(['a'])).toEqualTypeOf<Hosts>();
       declare const host: Host;
       const text = await host.run('uname', ['-a'], { cwd: '/', timeout: 1 });
       expectTypeOf(text.stdout).toEqualTypeOf<string>();
       expectTypeOf(text.exitCode).toEqualTypeOf<number | null>();
       expectTypeOf(text.outcome).toEqualTypeOf<
         'exited' | 'signaled' | 'timed-out' | 'canceled' | 'not-started' | 'denied' | 'unreachable' | 'lost'
       >();
       const bytes = await host.run('cat', [], { encoding: 'binary' });
       expectTypeOf(bytes.stdout).toExtend<Uint8Array>();
       const result = await host.execa('uname', { lines: true });
       expectTypeOf(result.stdout).toEqualTypeOf<string[]>();
       expectTypeOf(result.host).toEqualTypeOf<string>();
       expectTypeOf((await host.$\`uname\`).stdout).toEqualTypeOf<string>();
       expectTypeOf((await $\`uname\`).outcome).toEqualTypeOf<RunResult<string>['outcome']>();
       expectTypeOf<HostExecaError['outcome']>().toEqualTypeOf<RunResult<string>['outcome']>();
       expectTypeOf<RunError['stderrTail']>().toEqualTypeOf<string>();
       // @ts-expect-error messages need the same machine
       host.execa('node', { ipc: true });
       // @ts-expect-error there is no synchronous form
       host.$.sync\`uname\`;
       // @ts-expect-error a file is a string or bytes
       host.run(1);
       // @ts-expect-error an option that is misspelled
       host.run('uname', [], { timeuot: 1 });`,
    ],
    [
      'rexa/server',
      `import { type EmbeddedServer, type ServeOptions, serve } from 'rexa/server';
       expectTypeOf(serve).returns.resolves.toEqualTypeOf<EmbeddedServer>();
       expectTypeOf(serve).parameter(0).toEqualTypeOf<ServeOptions | undefined>();
       expectTypeOf<EmbeddedServer['address']>().toEqualTypeOf<string>();
       expectTypeOf<EmbeddedServer>().toExtend<AsyncDisposable>();
       // @ts-expect-error who may log in is named by files
       serve({ authenticator: { password: 'x' } });`,
    ],
    [
      'rexa/protocol',
      `import { type ConnectionEvent, type Decoded, createConnectionMachine, createFrameDecoder, RexaError } from 'rexa/protocol';
       const machine = createConnectionMachine({ role: 'client', agent: 'a/1' }, 0, null);
       expectTypeOf(machine.pollEvent()).toEqualTypeOf<ConnectionEvent | null>();
       expectTypeOf(createFrameDecoder(1).next).returns.toEqualTypeOf<Decoded>();
       expectTypeOf<RexaError['code']>().toExtend<string>();`,
    ],
  ])('of %s are as they are documented', async (name, program) => {
    const text = `import { expectTypeOf } from 'expect-type';\n${program}\n`;
    expect(await compile({ [`${name.replace('/', '-')}.mts`]: text })).toBe('');
  });
});
