import { readdirSync, readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { connect, type Host } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const countOpen = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Whether a process waits for something, such as room in a pipe (proc_pid_stat(5)). */
const isAsleep = (pid: number): boolean => / S /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

/** Runs a shell line that has a descriptor 3. */
function runWithDescriptor(host: Host, line: string) {
  const run = host.run(line, {
    shell: true,
    reject: false,
    stdio: [undefined, undefined, undefined, 'pipe'],
  });
  return { run, stream: run.stdio[3] as Duplex };
}

describe('a descriptor above 2', () => {
  it('is at its end when the command exits, though the client has not ended its own side', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const { run, stream } = runWithDescriptor(host, 'echo x >&3');
    expect(await text(stream)).toBe('x\n');
    expect((await run).outcome).toBe('exited');
  });

  it('is closed when its client goes away with output unread', async () => {
    await using daemon = await startDaemon();
    await using other = await connect(daemon.address);
    await other.run('true');
    const before = countOpen(daemon.pid);
    const host = await connect(daemon.address);
    const { run, stream } = runWithDescriptor(host, 'exec yes >&3');
    const pid = (await run.pid) ?? 0;
    stream.pause();
    await waitUntil('the daemon reads no more of it', () => isAsleep(pid));
    await host.close();
    await run;
    await waitUntil('nothing is left open', () => countOpen(daemon.pid) === before);
  });
});
