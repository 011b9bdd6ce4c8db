import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';

describe('a run whose daemon dies', () => {
  it('is lost, and says what was seen of it', async () => {
    await using daemon = await startDaemon({ words: ['--encoding', 'gbk'] });
    const host = await connect(daemon.address);
    const run = host.run('sh', ['-c', "printf 'one\\n'; exec sleep 600"], { reject: false });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    const pid = Number(await run.pid);
    await daemon.stop('SIGKILL');
    const result = await run;
    expect(result).toMatchObject({ outcome: 'lost', code: 'LINK_LOST', stdout: 'one\n', exitCode: null });
    expect(result.bytes.stdout).toBe(4);
    expect(result.durationMs).toBeGreaterThan(0);
    expect(result.encoding.stdout.name).toBe('gbk');
    await host.close();
    process.kill(pid, 'SIGKILL');
  });
});
