import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { fixtureSecret } from '../../fixtures/auth/fixtures.ts';
import { type Flooder, openFlooder, runOf } from '../../fixtures/flooder.ts';
import { readPeakMiB } from '../../fixtures/memory.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine, runOverTls, runRequest } from '../../fixtures/tls-run.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const MIB = 1024 * 1024;
const MOST_DAEMON_MIB = 300;

const flooding = fixtureSecret('ed25519');
const victim = fixtureSecret('ecdsa256');

/** Two keys may log in: one floods, of the other something is wanted meanwhile. */
function startShared(options = ''): Promise<TlsDaemon> {
  const first = `${options} ${publicLine('ed25519')}`.trim();
  return startTlsDaemon({ lines: [first, publicLine('ecdsa256')], env: { XDG_RUNTIME_DIR: undefined } });
}

/** The other key and the daemon's own user each get a command run, and the daemon stays small. */
async function expectOthersServed(daemon: TlsDaemon): Promise<void> {
  const { outcome } = await runOverTls(daemon.port, await victim, runRequest(['true']));
  await using host = await connect(daemon.address);
  const own = await host.run('true', [], { reject: false });
  expect([outcome, own.outcome]).toEqual(['exited 0', 'exited']);
  expect(readPeakMiB(daemon.pid)).toBeLessThan(MOST_DAEMON_MIB);
}

/** The text of a request with a field of so many bytes. */
function requestWith(field: string): string {
  return `{"service":"run","id":"${randomUUID()}","command":{"argv":["true"]},"x":${field}}`;
}

const list = (item: string, bytes: number): string =>
  `[${Array(Math.floor(bytes / (item.length + 1)))
    .fill(item)
    .join()}]`;

function variables(bytes: number): string {
  return `{${Array.from({ length: bytes / 14 }, (_, at) => `"k${String(at).padStart(8, '0')}":""`).join()}}`;
}

describe('while one key floods the daemon', () => {
  it.each<[string, string, string]>([
    ['16 MiB of empty objects', list('{}', 16 * MIB - 200), 'REQUEST_TOO_LARGE'],
    ['3 MiB of empty objects', list('{}', 3 * MIB), 'REQUEST_TOO_LARGE'],
    ['3 MiB of variables', variables(3 * MIB), 'REQUEST_TOO_LARGE'],
    ['3 MiB of control characters', `"${'\u009b'.repeat((3 * MIB) / 2)}"`, 'exited'],
  ])('with requests of %s, others are served', async (_what, field, end) => {
    await using daemon = await startShared();
    const flooders = await Promise.all(
      Array.from({ length: 5 }, async () => openFlooder(daemon.port, await flooding)),
    );
    const request = requestWith(field);
    for (const flooder of flooders) flooder.open(request);
    await expectOthersServed(daemon);
    await Promise.all(flooders.map((flooder) => flooder.untilEnded(1)));
    const ends = new Set(flooders.flatMap(({ ends: each }) => each));
    expect([...ends].filter((each) => each !== 'REQUESTS_EXHAUSTED')).toEqual([end]);
    await expectOthersServed(daemon);
    for (const flooder of flooders) flooder[Symbol.dispose]();
  });

  it('with requests that stay unfinished, others are served', async () => {
    await using daemon = await startShared();
    const flooders = await Promise.all(
      Array.from({ length: 20 }, async () => openFlooder(daemon.port, await flooding)),
    );
    const half = ' '.repeat(4 * MIB - 200);
    for (const flooder of flooders) flooder.openHalf(half);
    await expectOthersServed(daemon);
    for (const flooder of flooders) flooder[Symbol.dispose]();
  });

  it('with a thousand commands at once, others are served before those have ended, and all of them run', async () => {
    await using daemon = await startShared();
    using flooder = await openFlooder(daemon.port, await flooding);
    for (let count = 0; count < 1000; count++) flooder.open(runOf(['true']));
    await expectOthersServed(daemon);
    expect(flooder.ends.length).toBeLessThan(1000);
    await waitUntil('all have ended', () => flooder.ends.length === 1000, 120_000);
    expect(new Set(flooder.ends)).toEqual(new Set(['exited']));
  });

  it('with a thousand commands that do not end, others are served, and those that wait can be withdrawn', async () => {
    await using daemon = await startShared();
    using flooder = await openFlooder(daemon.port, await flooding);
    for (let count = 0; count < 1000; count++) flooder.open(runOf(['sleep', '1000']));
    await waitUntil('as many run as may', () => flooder.count('started') >= 200, 60_000);
    await expectOthersServed(daemon);
    flooder.message({ type: 'cancel' });
    await flooder.untilEnded(1);
    expect(flooder.ends).toEqual(['CANCELED']);
  });

  it('with attaches to a job, others are served, and have jobs of their own', async () => {
    await using daemon = await startShared();
    const id = randomUUID();
    using starter = await openFlooder(daemon.port, await flooding);
    starter.open({ ...runOf(['sleep', '1000']), id, lifetime: 'detached' });
    await waitUntil('the job runs', () => starter.count('started') === 1, 60_000);
    using flooder = await openFlooder(daemon.port, await flooding);
    for (let count = 0; count < 1023; count++) flooder.open({ service: 'attach', job: id });
    await waitUntil('some are refused', () => flooder.ends.length > 0, 60_000);
    await expectOthersServed(daemon);
    expect(new Set(flooder.ends)).toEqual(new Set(['QUOTA_EXHAUSTED']));
    await expectJob(daemon);
    await endJobs(starter, [id]);
  });

  it('with jobs, others have jobs of their own', async () => {
    await using daemon = await startShared();
    using flooder = await openFlooder(daemon.port, await flooding);
    const ids = Array.from({ length: 300 }, () => randomUUID());
    for (const id of ids) flooder.open({ ...runOf(['sleep', '1000']), id, lifetime: 'detached' });
    await waitUntil('some are refused', () => flooder.ends.length >= 44, 120_000);
    expect(new Set(flooder.ends)).toEqual(new Set(['JOBS_EXHAUSTED']));
    await expectOthersServed(daemon);
    await expectJob(daemon);
    await endJobs(flooder, ids);
  });

  it('with ids, those of others are remembered', async () => {
    await using daemon = await startShared();
    const id = 'kept';
    const first = await runOverTls(daemon.port, await victim, runRequest(['echo', 'once'], { id }));
    for (let batch = 0; batch < 11; batch++) {
      using flooder = await openFlooder(daemon.port, await flooding);
      // Ids of runs that come to nothing are not remembered: these do
      for (let count = 0; count < 100; count++) flooder.open(runOf(['true']));
      await flooder.untilEnded(100);
    }
    const again = await runOverTls(daemon.port, await victim, runRequest(['echo', 'once'], { id }));
    expect([first.stdout, again.stdout]).toEqual(['once\n', '']);
  });
});

describe('a key with a forced command, or under restrict', () => {
  it.each(['restrict', 'command="sleep 1000"'])(
    'under %s gets kilobytes and a few commands',
    async (options) => {
      await using daemon = await startShared(options);
      using flooder = await openFlooder(daemon.port, await flooding);
      flooder.open(requestWith(`"${'x'.repeat(70_000)}"`));
      await flooder.untilEnded(1);
      expect(flooder.ends).toEqual(['REQUEST_TOO_LARGE']);
      for (let count = 0; count < 100; count++) flooder.open(runOf(['sleep', '1000']));
      await waitUntil('channels are refused', () => flooder.ends.includes('QUOTA_EXHAUSTED'));
      await waitUntil('a few run', () => flooder.count('started') === 8);
      await expectOthersServed(daemon);
      expect(flooder.count('started')).toBe(8);
    },
  );
});

async function expectJob(daemon: TlsDaemon): Promise<void> {
  await using host = await connect(daemon.address);
  const { outcome } = await host.run('true', [], { lifetime: 'detached', reject: false });
  expect(outcome).toBe('exited');
}

async function endJobs(flooder: Flooder, ids: readonly string[]): Promise<void> {
  const before = flooder.ends.length;
  for (const job of ids) flooder.open({ service: 'kill', job });
  await waitUntil('the jobs are ended', () => flooder.ends.length >= before + ids.length, 120_000);
}
