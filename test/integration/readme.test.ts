import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAUNCHER_ENVIRONMENT, REXA_LAUNCHER, REXAD_LAUNCHER } from '../fixtures/daemon.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** Lines that are not run here, and where the same is tried. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^npm (i -g|run build)/, 'test/packaging/package.test.ts'],
  [/^npm start/, 'test/packaging/start.test.ts'],
  [/^rexa local /, 'a terminal: test/integration/terminal.test.ts'],
  [/^rexad --listen/, 'stays in front: test/integration/daemon/start.test.ts'],
  [/^rexa keys (authorize|add)/, 'test/integration/client/keys.test.ts'],
  [/^rexa run (ssh:|'exec:)/, 'test/integration/links/ssh.test.ts and programs.test.ts'],
  [/^rexa (forward|ssh -J)/, 'test/integration/forward'],
  [/^rexa (build1 --session|session)/, 'test/integration/sessions'],
  [/^rexa talk/, 'test/integration/talk'],
  [/^rexa cp/, 'test/integration/files'],
  [/^rexa ping udp:/, 'test/integration/probe.test.ts'],
  [/^rexa smoke/, 'test/integration/smoke'],
  [/^GIT_SSH_COMMAND=|^rsync|^scp/, 'test/integration/drop-in/programs.test.ts'],
  [/^rexa logs -f/, 'test/integration/jobs/commands.test.ts'],
];

/** The lines of all blocks for a shell. */
const lines = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line.trim() !== '');
const isElsewhere = (line: string): boolean => ELSEWHERE.some(([pattern]) => pattern.test(line));

/** The scripts of the library that are whole. */
const scripts = [...readme.matchAll(/^```js\n(import [\s\S]*?)^```$/gm)].map(([, script = '']) => script);

let folder: string;
let env: NodeJS.ProcessEnv;
const run = (program: string, words: readonly string[]) =>
  spawnSync(program, words, { cwd: join(folder, 'project'), env, encoding: 'utf8', timeout: 60_000 });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-readme-'));
  const [home, bin, project] = [join(folder, 'home'), join(folder, 'bin'), join(folder, 'project')];
  mkdirSync(join(home, '.config/rexa'), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, '.config/rexa/config.yaml'), 'hosts: {build1: {address: local}}\n');
  mkdirSync(bin);
  symlinkSync(REXA_LAUNCHER, join(bin, 'rexa'));
  symlinkSync(REXAD_LAUNCHER, join(bin, 'rexad'));
  mkdirSync(join(project, 'src/app'), { recursive: true });
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(ROOT, join(project, 'node_modules/rexa'));
  writeFileSync(join(project, 'Makefile'), 'test:\n\t@echo tested\n');
  writeFileSync(join(project, 'app.log'), 'a line\n');
  writeFileSync(join(project, 'report'), "#!/bin/sh\nprintf '\\304\\343\\272\\303\\n'\n", { mode: 0o755 });
  for (const name of ['deploy', 'backup'])
    writeFileSync(join(project, name), '#!/bin/sh\necho done\n', { mode: 0o755 });
  env = {
    ...process.env,
    ...LAUNCHER_ENVIRONMENT,
    HOME: home,
    XDG_RUNTIME_DIR: '',
    XDG_CONFIG_HOME: '',
    REXA_CONFIG: '',
    PATH: `${bin}:${process.env['PATH']}`,
  };
  const git = ['-c', 'user.name=A', '-c', 'user.email=a@b'];
  run('git', ['init', '-q']);
  run('git', [...git, 'commit', '-q', '--allow-empty', '-m', 'the first commit']);
});
afterAll(async () => {
  // The daemon and the supervisor that the lines have started
  for (const name of ['rexad', 'keeper']) {
    const log = join(folder, `home/.local/state/rexa/${name}.log`);
    const text = spawnSync('cat', [log], { encoding: 'utf8' }).stdout;
    for (const [, pid] of text.matchAll(/ ready pid=(\d+)/g)) {
      spawnSync('kill', [String(pid)]);
      await waitUntil('it has left', () => spawnSync('kill', ['-0', String(pid)]).status !== 0);
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('README.md', () => {
  it('has lines that work when they are pasted in a project, in their order', () => {
    const pasted = lines.filter((line) => !isElsewhere(line));
    expect(pasted.length).toBeGreaterThan(8);
    const { status, stdout, stderr } = run('bash', ['-e', '-o', 'pipefail', '-c', pasted.join('\n')]);
    expect([status, stderr], stdout).toEqual([0, expect.not.stringContaining('rexa: ')]);
    expect(stdout).toContain('你好');
    expect(stdout).toContain('tested');
  });

  it('has no exceptions that it does not need', () => {
    for (const [pattern, where] of ELSEWHERE)
      expect(
        lines.some((line) => pattern.test(line)),
        where,
      ).toBe(true);
  });

  it('has a script of the library that works as it stands', () => {
    const [script = ''] = scripts;
    writeFileSync(
      join(folder, 'project/try.mjs'),
      `${script.replace('60_000', '500')}\nconsole.log(stdout.trim(), exitCode);\n`,
    );
    const { stdout, stderr } = run(process.execPath, ['try.mjs']);
    expect([stdout, stderr]).toEqual(['a line\ncanceled\nthe first commit 0\n', '']);
  });
});
