import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';

const CLIENTS = 200;
const CHANNELS = 200;

describe('many at once', () => {
  it(`serves ${CLIENTS} clients, each with its own output and code`, async () => {
    await using daemon = await startDaemon();
    const results = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, index) => {
        await using host = await connect(daemon.address);
        const script = `echo out ${index}; echo err ${index} >&2; exit ${index}`;
        const { stdout, stderr, exitCode } = await host.run('sh', ['-c', script], { reject: false });
        return { stdout, stderr, exitCode };
      }),
    );
    expect(results).toEqual(
      Array.from({ length: CLIENTS }, (_, index) => ({
        stdout: `out ${index}\n`,
        stderr: `err ${index}\n`,
        exitCode: index,
      })),
    );
  });

  it(`carries ${CHANNELS} channels of one client, and one that is not read holds up none`, async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const stalled = host.run('yes', ['stalled'], { buffer: false, reject: false });
    const codes = await Promise.all(
      Array.from({ length: CHANNELS }, async (_, index) => {
        const { stdout, exitCode } = await host.run('sh', ['-c', `echo ${index}; exit ${index}`], {
          reject: false,
        });
        return [stdout, exitCode];
      }),
    );
    expect(codes).toEqual(Array.from({ length: CHANNELS }, (_, index) => [`${index}\n`, index]));
    stalled.stdout.resume();
    stalled.stderr.resume();
    stalled.cancel();
    expect((await stalled).outcome).toBe('canceled');
  });

  it('refuses more channels than a link may have, and keeps those that are open', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const waiting = host.run('cat', [], { stdin: 'pipe' });
    const others = Array.from({ length: 1023 }, () => host.run('/no/such', [], { reject: false }));
    const last = await host.run('true', [], { reject: false });
    expect([last.outcome, last.code]).toEqual(['not-started', 'CHANNELS_EXHAUSTED']);
    expect(new Set((await Promise.all(others)).map(({ code }) => code))).toEqual(new Set(['FILE_NOT_FOUND']));
    waiting.stdin?.end('kept');
    expect((await waiting).stdout).toBe('kept');
  });
});
