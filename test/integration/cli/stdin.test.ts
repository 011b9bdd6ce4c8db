import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REXA, startDaemon } from '../../fixtures/daemon.ts';
import { readPeakMiB } from '../../fixtures/memory.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';

const MIB = 1 << 20;

/** Runs a line of sh in which "$@" is rexa, and gives its stdout. */
async function runInShell(line: string, words: readonly string[]): Promise<string> {
  const child = spawn('sh', ['-c', line, 'sh', process.execPath, REXA, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  await once(child, 'close');
  return stdout;
}

describe('stdin', () => {
  it('is streamed: a command answers what it was sent before the end', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['run', daemon.address, '--', 'cat']);
    rexa.child.stdin?.write('one\n');
    await rexa.untilStdout('one\n');
    rexa.child.stdin?.write('two\n');
    await rexa.untilStdout('two\n');
    rexa.child.stdin?.end();
    expect((await rexa.exit).status).toBe(0);
  });

  it('passes every byte, and its end', async () => {
    await using daemon = await startDaemon();
    const input = Buffer.from(
      Array.from({ length: 3 * MIB }, (_, index) => Math.imul(index, 2654435761) >>> 24),
    );
    const { stdout } = await runRexa(['run', daemon.address, '--', 'sha256sum'], { input });
    expect(stdout.toString().slice(0, 64)).toBe(createHash('sha256').update(input).digest('hex'));
  });

  it.each([
    ['a file', '"$@" </etc/hostname', /\S/],
    ['/dev/null', '"$@" </dev/null', /^$/],
    ['one that is closed', '"$@" <&-', /^$/],
    ['an empty pipe', ': | "$@"', /^$/],
    ['a pipe', 'printf piped | "$@"', /^piped$/],
  ])('may be %s', async (_, line, content) => {
    await using daemon = await startDaemon();
    expect(await runInShell(line, ['run', daemon.address, 'cat'])).toMatch(content);
  });

  it.each([
    ['ends at once', 'true', true],
    ['ends after it, having read nothing', 'exec 3<&0; sleep 0.3', true],
    ['reads a line of it', 'read line', false],
    ['lets another program read it', 'sh -c "cat >/dev/null"', false],
  ])('is told to be wasted on a command that %s', async (_what, line, isWasted) => {
    await using daemon = await startDaemon();
    const { status, stderr } = await runRexa(['run', daemon.address, '-c', line], { input: 'a\nb\n' });
    expect([status, stderr]).toEqual([
      0,
      isWasted ? expect.stringMatching(/^rexa: the command read no stdin, .*4 bytes; .*use -n\n$/) : '',
    ]);
  });

  it('does not keep a run waiting whose command has ended', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['run', daemon.address, 'echo', 'done']);
    // Its stdin is never ended
    const { status, stdout } = await rexa.exit;
    expect([status, stdout.toString()]).toEqual([0, 'done\n']);
    rexa.child.stdin?.destroy();
  });

  it.each([
    ['a command that did not start', ['run', 'nobody-has-this-program']],
    ['a host that is not reached', ['run', 'unreachable']],
    ['-n', ['run', '-n', 'true']],
    ['-n in the drop-in', ['-n', 'true']],
  ])('is left alone, for whoever shares it, by %s', async (_, words) => {
    await using daemon = await startDaemon();
    const own = words.flatMap((word) => {
      if (word === 'unreachable') return ['unix:/nobody/there.sock', 'true'];
      return word === 'true' || word === 'nobody-has-this-program' ? [daemon.address, word] : [word];
    });
    const rest = await runInShell('printf "for\\nthe\\nothers\\n" | { "$@" 2>/dev/null; cat; }', own);
    expect(rest).toBe('for\nthe\nothers\n');
  });

  it('lets a loop over lines go on with -n', async () => {
    await using daemon = await startDaemon();
    const line = 'printf "a\\nb\\nc\\n" | while read -r name; do "$@" "$name"; done';
    expect(await runInShell(line, ['run', '-n', daemon.address, 'echo'])).toBe('a\nb\nc\n');
  });

  it('is thrown away when the command closed its own, and the command goes on', async () => {
    await using daemon = await startDaemon();
    const words = ['run', daemon.address, '-c', 'exec <&-; sleep 0.2; echo still here; exit 4'];
    const { status, stdout } = await runRexa(words, { input: Buffer.alloc(8 * MIB) });
    expect([status, stdout.toString()]).toEqual([4, 'still here\n']);
  });

  it('of 100 MB waits for a command that does not read, and fills no memory', async () => {
    await using daemon = await startDaemon();
    const path = join(daemon.folder, 'input');
    writeFileSync(path, Buffer.alloc(100 * MIB, 'pattern'));
    const input = openSync(path, 'r');
    const rexa = startRexa(['run', daemon.address, '-c', 'echo started; sleep 0.5; echo ended'], {
      stdio: [input, 'pipe', 'pipe'],
    });
    closeSync(input);
    expect((await rexa.exit).status).toBe(0);
    expect(readPeakMiB(daemon.pid)).toBeLessThan(150);
  });
});
