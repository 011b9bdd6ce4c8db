import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { connectRaw, frame, HELLO } from '../../fixtures/raw-peer.ts';

/** A client that asks for endless output, takes the first window of it, and never reads again. */
async function stall(socketPath: string): Promise<Socket> {
  const peer = await connectRaw(socketPath);
  const credit = Buffer.alloc(8);
  credit.writeUInt32BE(64 * 1024, 4);
  peer.send(
    HELLO,
    frame(0x10, 1, { service: 'run', id: 'stalls', command: { argv: ['yes'] } }),
    frame(0x40, 1, credit),
  );
  for (let received = await peer.next(); received?.type !== 0x20; received = await peer.next());
  peer.socket.pause();
  return peer.socket;
}

/** A connection of a plain peer to the `ready://` listener behind the daemon's own socket. */
function connectReady({ listening }: TestDaemon): Socket {
  const port = Number(new URL(listening[1]?.url ?? '').port);
  return connectSocket({ host: '127.0.0.1', port, allowHalfOpen: true }).on('error', () => undefined);
}

/** What of a run's line is looked at. */
interface Outcome {
  readonly outcome: string;
}

/** How the runs ended, as the log says, in order. */
function outcomes(daemon: TestDaemon): readonly string[] {
  const ends = daemon
    .log()
    .split('\n')
    .filter((line) => line.includes('"msg":"run-ended"'));
  return ends.map((line) => (JSON.parse(line) as Outcome).outcome);
}

/** A plain peer that has begun to fetch a long reply, and reads no more of it. */
async function stallReply(daemon: TestDaemon): Promise<Socket> {
  const socket = connectReady(daemon);
  await once(socket, 'connect');
  socket.write('yes | head -c 50000000\n');
  await once(socket, 'data');
  socket.write('Start\n');
  await once(socket, 'data');
  socket.pause();
  return socket;
}

const READY = ['--allow-root', '--listen', 'ready://127.0.0.1:0'];

describe('a daemon that leaves', () => {
  it('waits for no client that does not read, says nothing, or is in the middle of a long reply', async () => {
    await using daemon = await startDaemon({ words: [...READY, '--drain', '100ms', '--log-format', 'json'] });
    const silent = connectSocket({ path: daemon.socketPath, allowHalfOpen: true }).on(
      'error',
      () => undefined,
    );
    await once(silent, 'connect');
    const clients = [silent, await stall(daemon.socketPath), await stallReply(daemon)];
    // Longer than the patience of the test if anybody of them was waited for
    expect(await daemon.stop()).toBe(0);
    expect(outcomes(daemon)).toEqual(['exited', 'canceled']);
    for (const client of clients) client.destroy();
  });

  it('lets a command of a plain peer run to its end, though it has closed its output', async () => {
    await using daemon = await startDaemon({ words: [...READY, '--log-format', 'json'] });
    const proof = join(daemon.folder, 'ran-on');
    const ends = join(daemon.folder, 'ends');
    const socket = connectReady(daemon);
    await once(socket, 'connect');
    socket.write(`exec >&- 2>&-; until test -e ${ends}; do sleep 0.05; done; touch ${proof}\n`);
    await expect.poll(() => daemon.log()).toContain('"msg":"run-started"');
    await writeFile(ends, '');
    await once(socket, 'data');
    socket.destroy();
    expect(existsSync(proof)).toBe(true);
    expect(outcomes(daemon)).toEqual(['exited']);
  });

  it('ends what runs at a second signal, and says that it was canceled', async () => {
    await using daemon = await startDaemon({ words: ['--drain', '1h'] });
    await using host = await connect(daemon.address);
    const run = host.run('sleep', ['1000'], { reject: false });
    await run.pid;
    const stopped = daemon.stop();
    await expect.poll(() => daemon.log()).toContain('shutting down');
    process.kill(daemon.pid, 'SIGTERM');
    expect((await run).outcome).toBe('canceled');
    expect(await stopped).toBe(0);
  });
});

const STUBBORN = 'trap "" TERM HUP INT; echo deaf; while :; do sleep 1000; done';

describe('a command that ignores SIGTERM, with a long time until SIGKILL', () => {
  it.each<[string, readonly string[], number]>([
    ['is killed within the drain', ['--drain', '500ms'], 1],
    ['is killed by a second signal to the daemon', ['--drain', '1h'], 2],
  ])('%s', async (_what, words, signals) => {
    await using daemon = await startDaemon({ words });
    await using host = await connect(daemon.address);
    const run = host.run('sh', ['-c', STUBBORN], { forceKillAfterDelay: 250_000, reject: false });
    // Before that it ignores nothing
    await once(run.stdout, 'data');
    run.cancel();
    const stopped = daemon.stop();
    await expect.poll(() => daemon.log()).toContain('shutting down');
    if (signals === 2) process.kill(daemon.pid, 'SIGTERM');
    // A number: nobody had to kill the daemon
    expect([await stopped, (await run).outcome]).toEqual([0, 'canceled']);
  });
});

describe('the outcome of a run with a timeout', () => {
  it('comes a second after the exit where somebody holds the pipe, not with the timeout', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const result = await host.run('sh', ['-c', 'sleep 5 & exit 3'], { timeout: 15_000, reject: false });
    expect([result.exitCode, result.pipeHeldBy.length]).toEqual([3, 1]);
  });
});
