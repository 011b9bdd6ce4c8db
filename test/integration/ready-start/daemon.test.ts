import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { RunCommand } from '../../../src/daemon/ready-start/collect-reply.ts';
import { warnOfReadyStart } from '../../../src/daemon/ready-start/listen.ts';
import { createRandom } from '../../fixtures/ready-start/random.ts';
import { makeRead } from '../../fixtures/ready-start/random-read.ts';
import { connectRaw } from '../../fixtures/ready-start/raw-peer.ts';
import { replyWith, runShell, serve } from '../../fixtures/ready-start/serve.ts';

const run = promisify(execFile);

/** A command that runs until it is told to end, and says so. */
function runUntilAborted(): { runCommand: RunCommand; aborted: Promise<void> } {
  let tell = () => {};
  const aborted = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return {
    aborted,
    async *runCommand(_line, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      tell();
      yield Buffer.from('too late');
    },
  };
}

/** Resolves when `check` holds; the test's own timeout is the bound. */
async function until(check: () => boolean): Promise<void> {
  while (!check()) await sleep(5);
}

/** Connects, says what the seed makes and leaves somehow. */
async function attack(port: number, seed: number): Promise<void> {
  const random = createRandom(seed);
  using peer = await connectRaw(port);
  if (random.below(3) === 0) peer.socket.pause();
  for (let reads = random.below(6); reads > 0; reads--) {
    peer.say(random.below(3) === 0 ? 'ls\nStart\n' : makeRead(random));
    if (random.below(2) === 0) await sleep(random.below(8));
  }
  if (random.below(3) === 0) peer.socket.resetAndDestroy();
}

describe('a Ready/Start listener', () => {
  it('serves a peer that writes newlines and one that does not', async () => {
    await using daemon = await serve(runShell);
    using lines = await connectRaw(daemon.port);
    lines.say('echo 中文\n');
    await lines.until(/^Ready\|7\n$/);
    lines.say('Start\n');
    await lines.until(/^Ready\|7\n\xe4\xb8\xad\xe6\x96\x87\n$/);
    using bare = await connectRaw(daemon.port);
    bare.say('echo hi');
    await bare.until(/^Ready\|3$/);
    bare.say('Start');
    await bare.until(/^Ready\|3hi\n$/);
    bare.say('true');
    await bare.until(/Ready\|9$/);
    bare.say('Start');
    await bare.until(/cmd error$/);
    bare.say('exit');
    expect(await bare.closed).toBe('end');
    expect(daemon.told).toEqual(['command echo 中文', 'command echo hi', 'command true']);
  });

  it('greets where a greeting is configured', async () => {
    await using daemon = await serve(replyWith('x'), { greeting: '欢迎\n' });
    using peer = await connectRaw(daemon.port);
    await peer.until(/\n$/);
    expect(Buffer.from(peer.received, 'latin1').toString()).toBe('欢迎\n');
  });

  it.each([
    ['READY_READ_REFUSED', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['READY_READ_REFUSED', 'touch x\n\0'],
    ['READY_READ_REFUSED', Buffer.from('16030102000100', 'hex')],
    ['READY_READ_REFUSED', 'x'.repeat(1_000_000)],
    ['READY_READ_REFUSED', 'a\r\nb\r\n'],
    ['READY_START_UNASKED', 'Start\n'],
  ])('closes with %s before anything runs', async (code, bytes) => {
    await using daemon = await serve(replyWith('x'));
    using peer = await connectRaw(daemon.port);
    peer.say(bytes);
    await peer.closed;
    expect(peer.received).toBe('');
    expect(daemon.told).toEqual([code]);
  });

  it('answers a command that is not UTF-8 with a sentence, and goes on', async () => {
    await using daemon = await serve(runShell);
    using peer = await connectRaw(daemon.port);
    peer.say(Buffer.from('6563686f20d6d0cec40a', 'hex'));
    const [, size] = await peer.until(/^Ready\|(\d+)\n$/);
    peer.say('Start');
    await peer.until(/\nrexad: the command is not valid UTF-8; nothing was run\n$/);
    expect(peer.received.length).toBe(`Ready|${size}\n`.length + Number(size));
    peer.say('echo ok\n');
    await peer.until(/Ready\|3\n$/);
    expect(daemon.told).toEqual(['READY_COMMAND_NOT_UTF8', 'command echo ok']);
  });

  it('answers a command that fails with its sentence', async () => {
    const failing: RunCommand = () => {
      throw new Error('no more processes\x1b[2J');
    };
    await using daemon = await serve(failing);
    using peer = await connectRaw(daemon.port);
    peer.say('ls\n');
    await peer.until(/Ready/);
    peer.say('Start');
    await peer.until(/rexad: Error: no more processes\\x1b\[2J\n$/);
  });

  it('ends a command whose reply is too large, and says so instead', async () => {
    let returned = false;
    async function* runEndless() {
      try {
        for (;;) yield Buffer.alloc(1000);
      } finally {
        returned = true;
      }
    }
    await using daemon = await serve(runEndless, { spool: { maxBytes: 100_000, memoryBytes: 1000 } });
    using peer = await connectRaw(daemon.port);
    peer.say('yes\n');
    await peer.until(/Ready/);
    expect(returned).toBe(true);
    peer.say('Start');
    await peer.until(/exceeds the 100000 bytes .* the command was ended\n$/);
    expect(daemon.budget.takenBytes).toBe(0);
  });

  it('ends the command of a peer that leaves, and no other', async () => {
    const { runCommand, aborted } = runUntilAborted();
    await using daemon = await serve((line, signal) =>
      line === 'wait' ? runCommand(line, signal) : replyWith('here')(line, signal),
    );
    using leaving = await connectRaw(daemon.port);
    using staying = await connectRaw(daemon.port);
    leaving.say('wait\n');
    await until(() => daemon.told.length === 1);
    leaving.socket.resetAndDestroy();
    await aborted;
    staying.say('who\n');
    await staying.until(/Ready\|4\n$/);
    await until(() => daemon.peers === 1);
  });

  it.each(['an orderly end', 'a reset'])(
    'gives back everything when its peer leaves by %s in a reply',
    async (how) => {
      const text = 'x'.repeat(20_000_000);
      await using daemon = await serve(replyWith(text));
      using peer = await connectRaw(daemon.port);
      peer.say('ls\n');
      await peer.until(/Ready\|20000000\n$/);
      expect(daemon.budget.takenBytes).toBe(text.length);
      peer.say('Start');
      await peer.until(/x/);
      peer.socket.pause();
      if (how === 'a reset') peer.socket.resetAndDestroy();
      else peer.socket.destroy();
      await until(() => daemon.peers === 0);
      expect(daemon.budget.takenBytes).toBe(0);
    },
  );

  it('holds a slow peer back without keeping its reply in memory', async () => {
    const megabytes = 100;
    async function* runLarge() {
      for (let count = 0; count < megabytes; count++) yield Buffer.alloc(1_000_000, count);
    }
    await using daemon = await serve(runLarge);
    using peer = await connectRaw(daemon.port);
    peer.say('ls\n');
    await peer.until(/Ready\|100000000\n$/);
    peer.socket.pause();
    peer.say('Start');
    const before = process.memoryUsage().arrayBuffers;
    using other = await connectRaw(daemon.port);
    other.say('exit');
    await other.closed;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    expect(daemon.budget.takenBytes).toBe(megabytes * 1_000_000);
  });

  it('sends a reply to its last byte to a peer that has closed its own side', async () => {
    const text = 'y'.repeat(3_000_000);
    await using daemon = await serve(replyWith(text));
    using peer = await connectRaw(daemon.port);
    peer.socket.allowHalfOpen = true;
    peer.say('ls\n');
    await peer.until(/Ready/);
    peer.say('Start');
    peer.socket.end();
    expect(await peer.closed).toBe('end');
    expect(peer.received.length).toBe('Ready|3000000\n'.length + text.length);
  });

  it('closes on a peer that says anything but Start', async () => {
    await using daemon = await serve(replyWith('x'));
    using peer = await connectRaw(daemon.port);
    peer.say('a\n');
    await peer.until(/Ready/);
    peer.say('rm -rf /\n');
    await peer.closed;
    expect(daemon.told).toEqual(['command a', 'READY_START_EXPECTED']);
  });

  it('closes on a peer that never says Start, and on one that says nothing at all', async () => {
    await using daemon = await serve(replyWith('x'), { limits: { startTimeoutMs: 30, idleMs: 30 } });
    using peer = await connectRaw(daemon.port);
    peer.say('a\n');
    await peer.closed;
    using silent = await connectRaw(daemon.port);
    await silent.closed;
    expect(daemon.told).toEqual(['command a', 'READY_START_TIMEOUT', 'READY_IDLE']);
  });

  it('refuses peers beyond its number, and takes the next when one has left', async () => {
    await using daemon = await serve(replyWith('x'), { maxPeers: 1 });
    using first = await connectRaw(daemon.port);
    first.say('a\n');
    await first.until(/Ready/);
    using second = await connectRaw(daemon.port);
    await second.closed;
    expect(daemon.told).toContain('CONNECTIONS_EXHAUSTED');
    first.socket.destroy();
    await until(() => daemon.peers === 0);
    using third = await connectRaw(daemon.port);
    third.say('b\n');
    await third.until(/Ready/);
  });

  it.each([
    ['of another user', async () => 12345, 'PEER_REFUSED'],
    ['that nobody knows', async () => null, 'READY_PEER_UNKNOWN'],
    ['that cannot be looked up', async () => Promise.reject(new Error('no /proc')), 'READY_PEER_UNKNOWN'],
  ])('drops a peer %s before it reads a byte', async (_who, findUid, code) => {
    await using daemon = await serve(replyWith('x'), { findUid });
    using peer = await connectRaw(daemon.port);
    peer.say('touch /tmp/x\n');
    await peer.closed;
    expect(daemon.told).toEqual([code]);
    expect(peer.received).toBe('');
  });

  it.runIf(process.platform === 'linux' && process.geteuid?.() === 0)(
    'serves no real process of another user, not even one that is gone at once',
    async ({ skip }) => {
      await using daemon = await serve(replyWith('x'));
      const script = `const net = require('node:net'); let left = 20;
        const next = () => left-- > 0 && net.connect(${daemon.port}, '127.0.0.1')
          .on('error', () => {}).on('close', next).end('id\\nStart\\n');
        next()`;
      const other = { uid: 65_534, gid: 65_534, cwd: '/' };
      const mayRun = await run(process.execPath, ['-e', '0'], other).catch(() => null);
      if (mayRun === null) return skip('another user may not start this node');
      await run(process.execPath, ['-e', script], other);
      await until(() => daemon.told.length === 20);
      expect(daemon.told.filter((what) => what.startsWith('command'))).toEqual([]);
    },
  );

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.org', ''])('does not listen on %j', async (host) => {
    await expect(serve(replyWith('x'), { host })).rejects.toMatchObject({ code: 'READY_NOT_LOOPBACK' });
  });

  it('listens on IPv6 loopback, and says why it cannot listen', async () => {
    await using daemon = await serve(replyWith('x'), { host: '::1' });
    expect(daemon.url).toMatch(/^ready:\/\/\[::1\]:\d+$/);
    using peer = await connectRaw(daemon.port, '::1');
    peer.say('a\n');
    await peer.until(/Ready/);
    expect(warnOfReadyStart(daemon.url, 'linux')).toMatch(/NO AUTHENTICATION and NO ENCRYPTION/);
    expect(warnOfReadyStart(daemon.url, 'darwin')).toMatch(/EVERY USER/);
  });

  it('serves many at once, each its own reply', async () => {
    await using daemon = await serve(async function* (line) {
      yield Buffer.from(`${line} `.repeat(1000));
    });
    const ask = async (name: string) => {
      using peer = await connectRaw(daemon.port);
      for (let turn = 0; turn < 5; turn++) {
        const line = `${name}${turn}`;
        peer.say(`${line}\n`);
        await peer.until(new RegExp(`Ready\\|${line.length * 1000 + 1000}\n$`));
        peer.say('Start');
        await peer.until(new RegExp(`(${line} ){1000}$`));
      }
      peer.say('exit');
      return await peer.closed;
    };
    const ends = await Promise.all(Array.from({ length: 50 }, (_, index) => ask(`peer${index}-`)));
    expect(new Set(ends)).toEqual(new Set(['end']));
    await until(() => daemon.peers === 0);
  });

  it('outlives hundreds of hostile peers, and has nothing left of them', async () => {
    const large = 'x'.repeat(300_000);
    await using daemon = await serve(
      async function* (line) {
        yield Buffer.from(line.length % 2 === 0 ? large : line);
      },
      { maxPeers: 1000 },
    );
    for (let seed = 0; seed < 400; seed += 40) {
      await Promise.all(Array.from({ length: 40 }, (_, index) => attack(daemon.port, seed + index)));
    }
    using peer = await connectRaw(daemon.port);
    peer.say('still here\n');
    await peer.until(/Ready\|300000\n/);
    peer.say('Start\nexit\n');
    expect(await peer.closed).toBe('end');
    await until(() => daemon.peers === 0);
    expect(daemon.budget.takenBytes).toBe(0);
  });

  it('leaves when every reply under way is fetched', async () => {
    const daemon = await serve(replyWith('z'.repeat(5_000_000)));
    using idle = await connectRaw(daemon.port);
    using fetching = await connectRaw(daemon.port);
    fetching.say('a\n');
    await fetching.until(/Ready/);
    const left = daemon.close(new Promise(() => {}));
    expect(await idle.closed).toBe('end');
    fetching.say('Start');
    expect(await fetching.closed).toBe('end');
    expect(fetching.received.length).toBe('Ready|5000000\n'.length + 5_000_000);
    await left;
    await expect(connectRaw(daemon.port)).rejects.toThrow('ECONNREFUSED');
  });

  it('resets who has not fetched its reply when the time is over', async () => {
    const daemon = await serve(replyWith('z'.repeat(5_000_000)));
    using peer = await connectRaw(daemon.port);
    peer.say('a\n');
    await peer.until(/Ready/);
    peer.socket.pause();
    peer.say('Start');
    await daemon.close(Promise.resolve());
    peer.socket.resume();
    expect(await peer.closed).toBe('reset');
    expect(daemon.budget.takenBytes).toBe(0);
  });
});
