import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { REXA, REXAD, startDaemon } from '../../fixtures/daemon.ts';

const folder = mkdtempSync(join(tmpdir(), 'rexa-places-'));
const PATIENCE_MS = 60_000;
/** Without an entry in the user database. */
const NOBODY_UID = '54321';

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program of ours says in an environment of its own; a signal where it had to be ended. */
function call(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  before: readonly string[] = [],
) {
  const [file = '', ...args] = [...before, process.execPath, ...words];
  const { status, signal, stderr, stdout } = spawnSync(file, args, {
    env: { PATH: process.env['PATH'], XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  return { end: signal ?? status, said: `${stdout}${stderr}` };
}

describe('a home folder', () => {
  const missing = join(folder, 'missing');

  it.each([
    ['where mkdir says ENOENT below it', '/proc'],
    ['that does not exist', missing],
    ['below a file', '/etc/passwd/home'],
    ['that is a device', '/dev/null'],
  ])('%s is told, and nothing spins or is made', async (_what, home) => {
    const rexa = call([REXA, 'run', '-n', 'local', '--', 'true'], { HOME: home });
    expect(rexa.end).toBe(125);
    expect(rexa.said).toMatch(/the local rexad did not start|not a directory/i);
    const rexad = call([REXAD], { HOME: home });
    expect(rexad.end).toBe(1);
    expect(rexad.said).toMatch(/cannot listen on/);
    await using daemon = await startDaemon({
      env: { HOME: home, XDG_RUNTIME_DIR: undefined, XDG_CACHE_HOME: join(folder, 'cache') },
    });
    await using host = await connect(daemon.address);
    expect((await host.run('echo', ['runs without a home'], { cwd: '/' })).exitCode).toBe(0);
    const job = await host.run('true', [], { id: 'job', reject: false });
    expect(job.outcome).toBe('not-started');
    expect(existsSync(missing)).toBe(false);
  });

  it('that is read-only is told as such', () => {
    const home = join(folder, 'read-only');
    mkdirSync(home);
    const script = `mount -t tmpfs -o ro none ${home} && exec "$0" "$@"`;
    const { end, said } = call([REXAD], { HOME: home }, ['unshare', '--mount', 'sh', '-c', script]);
    expect(end).toBe(1);
    expect(said).toMatch(/EROFS|read-only file system/i);
  });

  it('of a uid without an entry in the user database is asked for', () => {
    chmodSync(folder, 0o711);
    for (const env of [{}, { HOME: '' }, { HOME: 'relative' }] as const) {
      for (const words of [
        [REXA, 'run', '-n', 'local', '--', 'true'],
        [REXA, 'jobs', 'local'],
        [REXA, 'keys', 'list'],
        [REXA, 'ping', 'tls://127.0.0.1:1'],
        [REXA, 'ssh', '-G', 'build1'],
        [REXAD],
      ]) {
        const { end, said } = call(words, env, ['setpriv', '--reuid', NOBODY_UID, '--clear-groups']);
        expect([words.slice(1), end === 0 || /set HOME/.test(said)], said).toEqual([words.slice(1), true]);
        expect(said).not.toMatch(/internal|mistake in rexa|inside rexa|at .*\.js:/i);
      }
    }
  });
});
