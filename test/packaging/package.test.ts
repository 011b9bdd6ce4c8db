import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../src/protocol/version.ts';
import { type Ending, type InstalledPackage, installPackage, ROOT, runProgram } from './installed-package.ts';
import { createEnvironment, startDaemon } from './own-daemon.ts';

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
});
afterAll(() => installed[Symbol.asyncDispose]());

describe('the packed tarball', () => {
  it.each([
    'bin/openssl.cnf',
    'bin/rexa',
    'bin/rexa.js',
    'bin/rexa-supervisor.js',
    'bin/rexad',
    'bin/rexad.js',
    'dist/cli/main.cjs',
    'dist/client/index.d.ts',
    'dist/client/index.js',
    'dist/daemon/main.js',
    'dist/supervisor/main.js',
    'dist/man/rexa.1',
    'dist/man/rexad.1',
    'dist/THIRD-PARTY-LICENSES.txt',
    'docs/exit-codes.md',
    'docs/replace-ssh.md',
    'systemd/rexad@.service',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
  ])('holds %s', (file) => {
    expect(installed.packedFiles).toContain(file);
  });

  it('holds nothing that only the clone needs', () => {
    const foreign = installed.packedFiles.filter(
      (file) =>
        !/^(bin|dist|docs|systemd)\/|^[A-Z]+\.md$|^LICENSE$|^package\.json$/.test(file) ||
        /(^|\/)\./.test(file),
    );
    expect(foreign).toEqual([]);
  });

  it('names the licence of every package that is bundled', async () => {
    const text = await readFile(join(installed.path, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    const { devDependencies } = await readManifest(ROOT);
    for (const name of ['execa', 'iconv-lite', 'valibot', 'yargs']) {
      expect(text).toContain(`${name} ${devDependencies[name]} (MIT)`);
    }
  });
});

describe('the installed package', () => {
  it('has koffi beside it and nothing else', async () => {
    const names = await readdir(join(installed.path, 'node_modules'));
    expect(names.filter((name) => !name.startsWith('.')).toSorted()).toEqual(['@koromix', 'koffi']);
  });

  it('tells the version of package.json', async () => {
    const { version } = await readManifest(ROOT);
    expect(VERSION).toBe(version);
    expect(await rexa(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(version),
      stderr: '',
    });
  });

  it('runs a command through its own daemon, without yargs on the way', async () => {
    await using daemon = await startDaemon(join(installed.prefix, 'bin', 'rexad'), installed.folder);
    const words = ['run', daemon.url, '--', process.execPath, '-p', '[2, process.argv[1]].join()', 'a  b'];
    const loaded = join(installed.folder, 'loaded.txt');
    const recorder = `--import=${await writeLoadRecorder(loaded)}`;
    const result = await runInNode([recorder], 'rexa', words);
    expect(result).toEqual({ status: 0, stdout: '2,a  b\n', stderr: '' });
    const urls = await readFile(loaded, 'utf8');
    expect(urls).toContain('/bin/run-program.js');
    expect(urls).not.toContain('/dist/packages/');
  });

  it('keeps what it compiled in the cache of the user', async () => {
    await rexa(['--version']);
    expect(await readdir(join(installed.folder, 'cache', 'rexa'))).toEqual(['compile']);
  });

  it('is a library with types', async () => {
    const folder = join(installed.folder, 'user');
    await mkdir(join(folder, 'node_modules', '@types'), { recursive: true });
    await symlink(installed.path, join(folder, 'node_modules', 'rexa'));
    await symlink(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
    await symlink(join(ROOT, 'node_modules/undici-types'), join(folder, 'node_modules/undici-types'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(
      join(folder, 'index.ts'),
      `import { connect, RexaError } from 'rexa';
       await using host = await connect('unix:/nowhere/rexad.sock').catch((error: RexaError) => {
         console.log(error.code);
         process.exit(0);
       });
       const { stdout } = await host.run('uname', ['-a']);
       stdout satisfies string;
       // @ts-expect-error a file is a string
       await host.run(1);`,
    );
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const lib = ['--lib', 'es2024,esnext.disposable'];
    const checked = await runProgram('tsc', [...options, ...lib, 'index.ts'], { cwd: folder, mayFail: true });
    expect(checked).toMatchObject({ status: 0, stdout: '' });
    const ran = await runProgram(process.execPath, ['index.ts'], { cwd: folder });
    expect(ran.stdout).toBe('CONNECT_FAILED\n');
  });

  it.each([
    ['rexa', 125, '20.20.2'],
    ['rexa', 125, '22.17.1'],
    ['rexa', 125, '4.9.1'],
    ['rexad', 1, '20.20.2'],
  ])('%s refuses an older Node in one sentence (exit status %d, Node %s)', async (name, status, version) => {
    const disguise = `Object.defineProperties(process, { version: { value: 'v${version}' }, versions: { value: { node: '${version}' } } })`;
    const preload = `--import=data:text/javascript,${encodeURIComponent(disguise)}`;
    const result = await runInNode([preload], name, ['--version']);
    const sentence = `${name}: ${name} needs Node 22.18 or newer; this is v${version} (${process.execPath})\n`;
    expect(result).toEqual({ status, stdout: '', stderr: sentence });
  });
});

function rexa(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  const file = join(installed.prefix, 'bin', 'rexa');
  return runProgram(file, words, { env: { ...createEnvironment(installed.folder), ...env }, mayFail: true });
}

/** Runs a program as npm's shims for Windows do, and with options for Node. */
function runInNode(options: readonly string[], name: string, words: readonly string[]): Promise<Ending> {
  return runProgram(process.execPath, [...options, join(installed.prefix, 'bin', name), ...words], {
    env: createEnvironment(installed.folder),
    mayFail: true,
  });
}

/** A module that appends the address of every module that is loaded after it to a file. */
async function writeLoadRecorder(file: string): Promise<string> {
  const module = join(installed.folder, 'record-loads.mjs');
  await writeFile(
    module,
    `import { appendFileSync } from 'node:fs';
     import { registerHooks } from 'node:module';
     registerHooks({
       load(url, context, next) {
         appendFileSync(${JSON.stringify(file)}, url + '\\n');
         return next(url, context);
       },
     });`,
  );
  return module;
}

async function readManifest(folder: string) {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    version: string;
    devDependencies: Record<string, string>;
  };
}
