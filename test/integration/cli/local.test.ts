import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LAUNCHER_ENVIRONMENT, REXA_LAUNCHER } from '../../fixtures/daemon.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** The processes that have this home. */
function findProcesses(home: string): number[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`HOME=${home}`);
    } catch {
      return false;
    }
  });
}

/** A home without a daemon; what is started there ends with the block. */
function makeHome() {
  const folder = mkdtempSync(join(tmpdir(), 'rexa test home '));
  const log = join(folder, '.local/state/rexa/rexad.log');
  const daemons = (): number[] =>
    existsSync(log)
      ? [...readFileSync(log, 'utf8').matchAll(/ ready pid=(\d+)/g)].map(([, pid]) => Number(pid))
      : [];
  return {
    folder,
    log,
    env: { HOME: folder, XDG_RUNTIME_DIR: undefined },
    daemons,
    async [Symbol.asyncDispose]() {
      // One that came second may still be on its way to find that out, and would take the place of the first
      await waitUntil('the daemons have left', () => {
        const left = findProcesses(folder);
        for (const pid of left) process.kill(pid);
        return left.length === 0;
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe('a command on local', () => {
  it.each([
    ['run local -- pwd', ''],
    ['run local --cwd part -- pwd', '/part'],
    ['run local --cwd .. -c pwd', '/..'],
    ['ssh local pwd', ''],
  ])('runs in the folder of its caller: rexa %s', async (words, below) => {
    await using home = makeHome();
    const folder = realpathSync(mkdtempSync(join(home.folder, 'project-')));
    mkdirSync(join(folder, 'part'));
    const { status, stdout, stderr } = await runRexa(words.split(' '), { env: home.env, cwd: folder });
    expect([status, stdout.toString(), stderr]).toEqual([0, `${resolve(`${folder}${below}`)}\n`, '']);
  });

  it('is refused, and says where, when that folder has been removed', async () => {
    await using home = makeHome();
    const folder = realpathSync(mkdtempSync(join(home.folder, 'project-')));
    const script = `cd '${folder}' && rmdir '${folder}' && exec '${REXA_LAUNCHER}' run local -- pwd`;
    const { status, stderr } = spawnSync('sh', ['-c', script], {
      env: { ...process.env, ...LAUNCHER_ENVIRONMENT, HOME: home.folder, XDG_RUNTIME_DIR: '' },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([125, expect.stringContaining(folder)]);
  });
});

describe('the daemon that local starts', () => {
  it('is one, however many clients need it at once, and serves them all', async () => {
    await using home = makeHome();
    const words = Array.from({ length: 4 }, (_, index) => `client ${index}`);
    const exits = await Promise.all(words.map((word) => runRexa(['run', 'local', '--', 'echo', word], home)));
    expect(exits.map(({ status, stdout }) => [status, stdout.toString()])).toEqual(
      words.map((word) => [0, `${word}\n`]),
    );
    expect(home.daemons()).toHaveLength(1);
  });

  it('holds none of the descriptors that our caller left open', async () => {
    await using home = makeHome();
    // The gap below it is what Node looks no further than
    const stdio = Array.from({ length: 64 }, (_, fd) =>
      fd < 3 || fd === 63 ? 'pipe' : 'ignore',
    ) as 'pipe'[];
    const { child, exit } = startRexa(['run', 'local', '--', 'echo', 'done'], { env: home.env, stdio });
    const ended = once((child.stdio as readonly unknown[])[63] as Readable, 'close');
    ((child.stdio as readonly unknown[])[63] as Readable).resume();
    expect((await exit).stdout.toString()).toBe('done\n');
    await ended;
    expect(home.daemons()).toHaveLength(1);
  });

  it('is said not to have started, with its reason, where its log can have no place', async () => {
    await using home = makeHome();
    writeFileSync(join(home.folder, '.local'), '');
    const env = { ...home.env, XDG_RUNTIME_DIR: home.folder };
    const { status, stderr } = await runRexa(['run', 'local', '--', 'true'], { env });
    expect([status, stderr]).toEqual([
      125,
      expect.stringContaining('the local rexad did not start: its log'),
    ]);
  });

  it('is said not to have started, with its log, where it ends at once', async () => {
    await using home = makeHome();
    mkdirSync(join(home.folder, 'run/rexa'), { recursive: true, mode: 0o777 });
    mkdirSync(join(home.folder, 'run/rexa/rexad.sock.lock'));
    const env = { ...home.env, XDG_RUNTIME_DIR: join(home.folder, 'run') };
    const { status, stderr } = await runRexa(['run', 'local', '--', 'true'], { env });
    expect([status, stderr]).toEqual([125, expect.stringContaining(home.log)]);
    expect(readFileSync(home.log, 'utf8')).toContain('cannot listen');
  });

  it('puts the log of earlier ones aside when it is long', async () => {
    await using home = makeHome();
    mkdirSync(join(home.log, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(home.log, 'old\n');
    truncateSync(home.log, 9 << 20);
    expect((await runRexa(['run', 'local', '--', 'true'], home)).status).toBe(0);
    expect(readFileSync(`${home.log}.old`).subarray(0, 4).toString()).toBe('old\n');
    expect(home.daemons()).toHaveLength(1);
  });
});
