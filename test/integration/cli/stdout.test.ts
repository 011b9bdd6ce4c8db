import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, createReadStream, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REXA, startDaemon } from '../../fixtures/daemon.ts';
import { readPeakMiB } from '../../fixtures/memory.ts';
import { writePattern } from '../../fixtures/pattern.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const BYTES = 100_000_000;

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Runs a line of sh in which "$@" is rexa. */
async function runInShell(line: string, words: readonly string[]) {
  const child = spawn('sh', ['-c', line, 'sh', process.execPath, REXA, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      told[name] += chunk.toString();
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...told };
}

describe('stdout', () => {
  it('takes 100 MB into a pipe, byte for byte', async () => {
    await using daemon = await startDaemon();
    const file = join(daemon.folder, 'pattern');
    const sha256 = writePattern(file, BYTES);
    const child = spawn(process.execPath, [REXA, 'run', '-n', daemon.address, 'cat', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const hash = createHash('sha256');
    child.stdout.on('data', (chunk: Buffer) => hash.update(chunk));
    const [status] = (await once(child, 'close')) as [number | null];
    expect([status, hash.digest('hex')]).toEqual([0, sha256]);
  });

  it('takes 100 MB into a file, behind what stands there', async () => {
    await using daemon = await startDaemon();
    const file = join(daemon.folder, 'pattern');
    const sha256 = writePattern(file, BYTES);
    const copy = join(daemon.folder, 'copy');
    const { status } = await runInShell(`{ printf before; "$@"; printf behind; } >${copy}`, [
      'run',
      '-n',
      daemon.address,
      'cat',
      file,
    ]);
    expect(status).toBe(0);
    const written = readFileSync(copy);
    expect([written.subarray(0, 6).toString(), written.subarray(-6).toString()]).toEqual([
      'before',
      'behind',
    ]);
    expect(createHash('sha256').update(written.subarray(6, -6)).digest('hex')).toBe(sha256);
    expect(await hashFile(file)).toBe(sha256);
  });

  it('never loses its tail, whatever it is', async () => {
    await using daemon = await startDaemon();
    const expected = `${Array.from({ length: 20_000 }, (_, index) => index + 1).join('\n')}\n`;
    for (const line of [
      '"$@" | cat',
      '"$@" | { sleep 0.2; cat; }',
      `"$@" >${daemon.folder}/out; cat ${daemon.folder}/out`,
    ]) {
      const { stdout } = await runInShell(line, ['run', '-n', daemon.address, 'seq', '20000']);
      expect([line, stdout === expected]).toEqual([line, true]);
    }
  });

  it('is apart from stderr', async () => {
    await using daemon = await startDaemon();
    const { stdout, stderr } = await runRexa([
      'run',
      daemon.address,
      '-c',
      'echo out; echo err >&2; echo out',
    ]);
    expect([stdout.toString(), stderr]).toEqual(['out\nout\n', 'err\n']);
  });

  it('cancels the command when nobody reads it any more, and exits with 141', async () => {
    await using daemon = await startDaemon();
    const line = '{ "$@"; echo $? >&2; } | head -n 2';
    const { stdout, stderr } = await runInShell(line, [
      'run',
      '-n',
      daemon.address,
      '-c',
      'echo $$; exec yes',
    ]);
    const [pid, second] = stdout.split('\n');
    expect([second, stderr]).toEqual(['y', '141\n']);
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });

  it.each([
    ['the drop-in', (address: string) => ['-n', address, 'yes']],
    ['--json', (address: string) => ['run', '-n', '--json', address, 'seq', '100000']],
    ['help', () => ['--help']],
  ])('exits with 141 when nobody reads it: %s', async (_, words) => {
    await using daemon = await startDaemon();
    const { stderr } = await runInShell('{ sleep 0.5; "$@"; echo $? >&2; } | true', words(daemon.address));
    expect(stderr).toBe('141\n');
  });

  it.runIf(process.platform === 'linux')('says what is wrong with it, and exits with 125', async () => {
    await using daemon = await startDaemon();
    for (const words of [
      ['run', '-n', daemon.address, 'yes'],
      ['run', '--json', '-n', daemon.address, 'true'],
    ]) {
      const { status, stderr } = await runInShell('"$@" >/dev/full', words);
      expect(status).toBe(125);
      expect(stderr).toMatch(/^rexa: cannot write to stdout: ENOSPC/);
    }
  });

  it('is never cut short in silence: a file that may not grow is an error', async () => {
    await using daemon = await startDaemon();
    // The only write is a short one, up to the limit; what is left over fails
    const line = `trap '' XFSZ; ulimit -f 16; "$@" >${daemon.folder}/out`;
    const { status, stderr } = await runInShell(line, [
      'run',
      '-n',
      daemon.address,
      'head',
      '-c',
      '20000',
      '/dev/zero',
    ]);
    expect(status).toBe(125);
    expect(stderr).toMatch(/^rexa: cannot write to stdout: EFBIG/);
  });

  it('that is closed altogether does not keep a command from running', async () => {
    await using daemon = await startDaemon();
    const mark = join(daemon.folder, 'mark');
    const { status } = await runInShell('"$@" >&- 2>&-', [
      'run',
      '-n',
      daemon.address,
      '-c',
      `echo ran; echo ran >${mark}`,
    ]);
    expect([status, readFileSync(mark, 'utf8')]).toEqual([0, 'ran\n']);
  });

  it('that stalls holds up the command, and fills no memory', async () => {
    await using daemon = await startDaemon();
    const rexa = spawn(process.execPath, [REXA, 'run', '-n', daemon.address, 'yes'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [first] = (await once(rexa.stdout, 'data')) as [Buffer];
    expect(first.subarray(0, 4).toString()).toBe('y\ny\n');
    rexa.stdout.pause();
    const other = await runRexa(['run', '-n', daemon.address, 'echo', 'served']);
    expect(other.stdout.toString()).toBe('served\n');
    expect(Math.max(readPeakMiB(daemon.pid), readPeakMiB(rexa.pid ?? 0))).toBeLessThan(150);
    rexa.stdout.destroy();
    const [status] = (await once(rexa, 'close')) as [number | null];
    expect(status).toBe(141);
  });

  it('that stalls does not hold up an end by SIGTERM', async () => {
    await using daemon = await startDaemon();
    const rexa = spawn(process.execPath, [REXA, 'run', '-n', daemon.address, '-c', 'echo $$; exec yes'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [first] = (await once(rexa.stdout, 'data')) as [Buffer];
    rexa.stdout.pause();
    rexa.kill('SIGTERM');
    const [status] = (await once(rexa, 'exit')) as [number | null];
    expect(status).toBe(143);
    const pid = Number(first.toString().split('\n')[0]);
    await waitUntil('the command is gone', () => !existsProcess(pid));
    rexa.stdout.destroy();
  });

  it('can be a descriptor for reading and writing, shared with others', async () => {
    await using daemon = await startDaemon();
    const path = join(daemon.folder, 'out');
    const out = openSync(path, 'w+');
    const runs = ['a', 'b', 'c'].map((text) =>
      startRexa(['run', '-n', daemon.address, 'echo', text], { stdio: ['ignore', out, 'inherit'] }),
    );
    for (const run of runs) expect((await run.exit).status).toBe(0);
    closeSync(out);
    expect(readFileSync(path, 'utf8').split('\n').toSorted()).toEqual(['', 'a', 'b', 'c']);
  });
});

function existsProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
