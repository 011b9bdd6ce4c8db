import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ending, ROOT, runProgram } from './installed-package.ts';
import { createEnvironment, startDaemon } from './own-daemon.ts';

let folder: string;
let daemon: Awaited<ReturnType<typeof startDaemon>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rexa-start-'));
  daemon = await startDaemon(join(ROOT, 'bin', 'rexad'), folder);
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('npm start', () => {
  it.each([
    ['spaces', ['a  b', ' ', '']],
    ['quotes', ["it's", 'say "hi"', '`id`']],
    ['what a shell would expand', ['$HOME', '*', '~', '!!', '\\', '%PATH%']],
    ['what looks like options of npm', ['--', '-n', '--json', '--', '--silent']],
    ['lines and other scripts', ['two\nlines', 'tab\t', '你好']],
  ])('hands over words as they were given: %s', async (_, words) => {
    const tell = ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...words];
    const { stdout } = await npmStart(['run', daemon.url, '--', process.execPath, ...tell]);
    expect(JSON.parse(stdout)).toEqual(words);
  });

  it.each([0, 3, 127])('ends with exit status %d, as the command did', async (status) => {
    const { status: found } = await npmStart(['run', daemon.url, '-c', `exit ${status}`]);
    expect(found).toBe(status);
  });
});

function npmStart(words: readonly string[]): Promise<Ending> {
  const env = createEnvironment(folder);
  return runProgram('npm', ['start', '--silent', '--', ...words], { cwd: ROOT, env, mayFail: true });
}
