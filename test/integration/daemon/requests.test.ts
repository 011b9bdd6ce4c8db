import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect, type RunOptions } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

function numberedVariables(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`K${at}`, '']));
}

describe('what a request may hold', () => {
  it('takes 10,000 arguments, and tells them apart', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const args = Array.from({ length: 10_000 }, (_, index) =>
      index % 3 === 0 ? '' : `argument '${index}' "x" \n`,
    );
    const script = 'import sys, json; json.dump(sys.argv[1:], sys.stdout)';
    const { stdout } = await host.run('python3', ['-c', script, ...args]);
    expect(JSON.parse(stdout)).toEqual(args);
  });

  it('takes one argument of 120 KB', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const { stdout } = await host.run('sh', ['-c', 'printf %s "$1" | wc -c', 'sh', 'x'.repeat(120_000)]);
    expect(Number(stdout)).toBe(120_000);
  });

  it("refuses arguments beyond the system's limit before anything runs", async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const args = Array.from({ length: 35 }, () => 'x'.repeat(100_000));
    const result = await host.run('true', args, { reject: false });
    expect([result.outcome, result.code]).toEqual(['not-started', 'ARGUMENTS_TOO_LONG']);
    expect((await host.run('echo', ['next'])).stdout).toBe('next\n');
  });

  it('refuses a request beyond the cap of control at the client, and the link goes on', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const args = Array.from({ length: 20 }, () => 'x'.repeat(1 << 20));
    const result = await host.run('true', args, { reject: false });
    expect([result.outcome, result.code]).toEqual(['not-started', 'CONTROL_TOO_LARGE']);
    expect((await host.run('echo', ['next'])).stdout).toBe('next\n');
  });

  it.each<[string, string[], RunOptions, string]>([
    ['more bytes than execve takes', Array(6).fill('x'.repeat(1 << 20)), {}, 'REQUEST_TOO_LARGE'],
    ['more arguments than are counted', Array(70_000).fill('x'), {}, 'REQUEST_TOO_LARGE'],
    ['too many variables', [], { env: numberedVariables(5_000) }, 'REQUEST_WRONG_SHAPE'],
  ])('refuses a request of %s at the daemon, and the link goes on', async (_what, args, options, code) => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const result = await host.run('true', args, { ...options, reject: false });
    expect([result.outcome, result.code]).toEqual(['not-started', code]);
    expect((await host.run('echo', ['next'])).stdout).toBe('next\n');
  });

  it('gives a command what a script under sshd has: /dev/stdin, /dev/stdout and /dev/stderr that open', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const script = 'cat /dev/stdin; echo again >/dev/stdout; echo error >/dev/stderr';
    const { stdout, stderr } = await host.run('sh', ['-c', script], { input: 'in\n' });
    expect([stdout, stderr]).toEqual(['in\nagain\n', 'error\n']);
  });

  it("keeps the daemon's secrets to itself, and adds what the request names", async () => {
    await using daemon = await startDaemon({ env: { SECRET_TOKEN: 'hidden', LANG: 'C.UTF-8' } });
    await using host = await connect(daemon.address);
    const { stdout } = await host.run('env', [], { env: { WANTED: 'a b\nc' } });
    expect(stdout).not.toContain('SECRET_TOKEN');
    expect(stdout).toContain('WANTED=a b\nc\n');
    expect(stdout).toContain('LANG=C.UTF-8\n');
  });

  it('tells the outcome a second after the command when a grandchild holds its pipe, names it, and lets it write on', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const file = join(daemon.folder, 'grandchild');
    const grandchild = `sleep 1.5; echo late; echo $? >${file}`;
    const result = await host.run('sh', ['-c', `(${grandchild}) & echo $!; exit 4`], { reject: false });
    expect([result.outcome, result.exitCode]).toEqual(['exited', 4]);
    expect(result.pipeHeldBy).toContain(Number(result.stdout));
    await waitUntil('the grandchild wrote after the outcome, and was not killed by SIGPIPE', async () => {
      const { stdout } = await host.run('cat', [file], { reject: false });
      return stdout === '0\n';
    });
  });

  it('ends a command that never reads its 100 MB of stdin', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const file = join(daemon.folder, 'big');
    writeFileSync(file, Buffer.alloc(100_000_000, 'in'));
    const result = await host.run('sleep', ['600'], {
      input: createReadStream(file),
      timeout: 300,
      reject: false,
    });
    expect([result.outcome, result.signal]).toEqual(['timed-out', 'SIGTERM']);
    expect(result.bytes.stdin).toBeLessThan(2 ** 21);
  });
});
