import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

describe('output of a job that its charset lacks', () => {
  it('is counted and named however it is read', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const line = String.raw`printf 'a\377b\n'; printf 'c\377\n' >&2`;
    const encoding = 'gbk';
    await host.run('sh', ['-c', line], { id: 'job', encoding });
    const logs = host.job('job').logs({ encoding });
    logs.stdout.resume();
    logs.stderr.resume();
    expect((await logs).encoding).toMatchObject({
      stdout: { name: 'gbk', replaced: 1 },
      stderr: { replaced: 1 },
    });
    for (const words of [
      ['run', '-n', '--id', 'job', '--encoding', encoding, daemon.address, '--', 'sh', '-c', line],
      ['attach', '-n', '--encoding', encoding, daemon.address, 'job'],
      ['logs', '--encoding', encoding, daemon.address, 'job'],
      ['logs', '-f', '--encoding', encoding, daemon.address, 'job'],
    ]) {
      const { status, stdout, stderr } = await runRexa(words);
      expect([words[0], status, stdout.toString()]).toEqual([words[0], 0, 'a\ufffdb\n']);
      expect(stderr).toContain('2 characters are not valid gbk and were replaced with U+FFFD');
    }
    const { stdout, stderr } = await runRexa(['logs', daemon.address, 'job']);
    expect(stdout).toEqual(Buffer.from('a\xffb\n', 'latin1'));
    expect(stderr).toContain('2 parts of the output are not valid UTF-8 and passed unchanged');
    expect((await runRexa(['logs', '--encoding', 'binary', daemon.address, 'job'])).stderr).not.toContain(
      'rexa:',
    );
  });
});
