import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFallbackCalls } from '../../../../src/process/system/fallback.ts';
import { loadSystemCalls } from '../../../../src/process/system/load-system-calls.ts';
import type { SystemCalls } from '../../../../src/process/system/system-calls.ts';

/** Of fcntl.h on Linux. */
const O_CLOEXEC = 0o2000000;

const native = await loadSystemCalls();
const fallback = openFallbackCalls('a test');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rexa-system-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A descriptor's flags, as the kernel tells them (proc_pid_fdinfo(5)). */
function isCloseOnExec(fd: number): boolean {
  const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
  return (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
}

describe('loading the system calls', () => {
  it('survives a koffi that is not installed, and says so', async () => {
    const calls = await loadSystemCalls(() =>
      Promise.reject(new Error("Cannot find package 'koffi'\nRequire stack:")),
    );
    expect(calls.name).toBe('fallback');
    expect(calls.limitations[0]).toContain("Cannot find package 'koffi'");
    expect(calls.limitations.join()).not.toContain('Require stack');
  });

  it('says of the fallback what is done by lesser means', () => {
    expect(fallback.limitations.map((text) => text.split(':')[0])).toEqual([
      'system calls',
      'descriptors',
      'pipes',
      'peer credentials',
      'orphans',
      'locks',
      'commands',
      'exit',
      'terminals',
    ]);
  });
});

describe.runIf(process.platform === 'linux')('native calls', () => {
  it('are there on Linux', () => {
    expect(native.name).toBe('linux');
  });

  it('make pipes whose ends no child inherits', () => {
    const pair = native.makePipe();
    expect(pair).not.toBeNull();
    if (pair === null) return;
    const ends = [pair.readEnd, pair.writeEnd];
    expect(ends.map((fd) => fstatSync(fd).isFIFO())).toEqual([true, true]);
    expect(ends.map(isCloseOnExec)).toEqual([true, true]);
    for (const fd of ends) closeSync(fd);
  });

  it('keep descriptors that were inherited from being inherited further, and leave them open', () => {
    // Node seals the lowest by itself, up to the first gap above 15
    const script = `
      import { readFileSync } from 'node:fs';
      import { loadSystemCalls } from ${JSON.stringify(import.meta.resolve('../../../../src/process/system/load-system-calls.ts'))};
      const readFlags = () => /flags:\\s+(\\d+)/.exec(readFileSync('/proc/self/fdinfo/40', 'utf8'))[1];
      const system = await loadSystemCalls();
      const before = readFlags();
      system.sealDescriptors();
      process.stdout.write([before, readFlags()].join(' '));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit', ...Array.from({ length: 37 }, () => 'ignore' as const), 'pipe'],
      encoding: 'utf8',
    });
    const [before = 0, after = 0] = stdout.split(' ').map((flags) => Number.parseInt(flags, 8));
    expect([before & O_CLOEXEC, after & O_CLOEXEC]).toEqual([0, O_CLOEXEC]);
  });

  it('take a refusal to grow a pipe for no error', () => {
    expect(() => native.growPipe(-1, 1 << 20)).not.toThrow();
    const fd = openSync('/dev/null', 'r');
    expect(() => native.growPipe(fd, 2 ** 31 - 1)).not.toThrow();
    closeSync(fd);
  });

  it('name who is at the other end of a Unix socket', async () => {
    const address = path.join(folder, 's');
    const server = createServer().listen(address);
    await once(server, 'listening');
    const client = connect(address);
    const [peer] = (await once(server, 'connection')) as [Socket];
    const { fd } = (peer as unknown as { _handle: { fd: number } })._handle;
    expect(native.peerCredentials(fd)).toEqual({ pid: process.pid, uid: process.getuid?.() });
    client.destroy();
    peer.destroy();
    server.close();
    await once(server, 'close');
  });

  it('know nobody at the other end of what is no Unix socket', () => {
    const fd = openSync('/dev/null', 'r');
    expect(native.peerCredentials(fd)).toBeNull();
    expect(native.peerCredentials(-1)).toBeNull();
    closeSync(fd);
  });

  it('throw with the name of the error when a lock cannot be asked for', () => {
    expect(() => native.lockFile(-1)).toThrow(expect.objectContaining({ code: 'EBADF' }) as Error);
  });

  it('find no dead child where there is none', () => {
    expect(native.findDeadChild()).toBeNull();
  });
});

describe.runIf(process.platform === 'linux').each<[string, SystemCalls]>([
  ['native', native],
  ['fallback', fallback],
])('a lock, %s', (_name, calls) => {
  it('is held against another open file, and freed when its own is closed', () => {
    const file = path.join(folder, 'lock');
    const [first, second] = [openSync(file, 'w'), openSync(file, 'w')];
    expect(calls.lockFile(first)).toBe('locked');
    expect(calls.lockFile(second)).toBe('busy');
    expect(calls.lockFile(first)).toBe('locked');
    closeSync(first);
    expect(calls.lockFile(second)).toBe('locked');
    closeSync(second);
  });
});
