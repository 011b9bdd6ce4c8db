import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { connect, RexaError } from '../../../src/client/index.ts';
import { type EmbeddedServer, makeService, type ServeOptions, serve } from '../../../src/daemon/index.ts';
import { fixtureText, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { publicLine } from '../../fixtures/tls-run.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** Root needs to be asked for. */
const ALLOW_ROOT = { allowRoot: true } as const;

async function echo(address: string, text: string): Promise<unknown> {
  await using host = await connect(address, { config: false });
  return (await host.run('echo', [text])).stdout;
}

function socketPathOf({ address }: EmbeddedServer): string {
  return address.slice('unix:'.length);
}

/** A process that `daemon` started, and one that this has left in a session of its own. */
async function leaveOrphan(address: string, folder: string) {
  const host = await connect(address, { config: false });
  const script = 'setsid sleep 1000 & echo $! > orphan; echo $$ > command; wait';
  const run = host.run('sh', ['-c', script], { cwd: folder, reject: false });
  const pidIn = (name: string): number => Number(readPid(path.join(folder, name)));
  await waitUntil('both run', () => pidIn('orphan') > 0 && pidIn('command') > 0);
  return { host, run, pids: [pidIn('orphan'), pidIn('command')] };
}

/** A private key of a test as ssh takes it: nobody else may read it. */
function keyFile(name: string): string {
  const file = path.join(makeTestFolder(), name);
  writeFileSync(file, fixtureText(`keys/${name}`), { mode: 0o600 });
  return file;
}

function readPid(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** A service of a program that embeds a daemon. */
function uptimeService(name = 'uptime') {
  return makeService({
    name,
    read: ({ unit }) => ({ unit: unit === 'ms' ? 'ms' : 's' }),
    drain: 'serve',
    authorize: (request) => request,
    serve({ channel, principal }, { request: { unit } }) {
      channel.close({ unit, for: principal.account });
    },
  });
}

describe('an embedded server', () => {
  it('serves what its program gives it beside its own services', async () => {
    await using server = await serve({ services: ['run', 'status', uptimeService()] });
    await using host = await connect(server.address, { config: false });
    expect(await host.ask({ service: 'uptime', unit: 'ms' })).toEqual({
      unit: 'ms',
      for: userInfo().username,
    });
    await expect(host.ask({ service: 'downtime' })).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN' });
    expect(await echo(server.address, 'ran')).toBe('ran\n');
  });

  it.each([{ run: 1 }, { runs: Number.NaN }, { runs: -1 }, { runs: 0.5 }, { runs: '1' }])(
    'refuses the requests of a service that costs %j, and serves others',
    async (costs) => {
      const wrong = makeService({
        name: 'wrong',
        read: (request) => request,
        costs: () => costs as { runs: number },
        drain: 'serve',
        authorize: (request) => request,
        serve: ({ channel }) => channel.close({}),
      });
      await using server = await serve({ services: ['run', 'status', wrong] });
      await using host = await connect(server.address, { config: false });
      await expect(host.ask({ service: 'wrong' })).rejects.toMatchObject({
        code: 'INTERNAL',
        message: expect.stringContaining('the service wrong costs run') as unknown,
      });
      expect(await echo(server.address, 'ran')).toBe('ran\n');
    },
  );

  it('listens on a socket of its own by default, and removes it at the end', async () => {
    const server = await serve();
    const socketPath = socketPathOf(server);
    expect(await echo(server.address, 'ran')).toBe('ran\n');
    expect(existsSync(socketPath)).toBe(true);
    await server.close();
    expect(existsSync(path.dirname(socketPath))).toBe(false);
  });

  it('runs beside another one in the same process, and ends without it', async () => {
    await using first = await serve();
    await using second = await serve();
    expect(await Promise.all([echo(first.address, '1'), echo(second.address, '2')])).toEqual(['1\n', '2\n']);
    await first.close();
    await expect(connect(first.address, { config: false })).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    expect(await echo(second.address, 'still')).toBe('still\n');
  });

  it('ends its commands, what they have left, and its connections', async () => {
    await using server = await serve();
    const { host, run, pids } = await leaveOrphan(server.address, makeTestFolder());
    expect([server.connectionCount, server.runCount]).toEqual([1, 1]);
    await server.close();
    expect(await run).toMatchObject({ outcome: 'canceled', survivors: [] });
    await waitUntil('both have ended', () => !pids.some(isAlive));
    expect([server.connectionCount, server.runCount]).toEqual([0, 0]);
    await expect(host.run('true')).rejects.toBeInstanceOf(RexaError);
    await host[Symbol.asyncDispose]();
  });

  it('lets another one listen at its address once it is closed', async () => {
    const listen = `unix:${path.join(makeTestFolder(), 'rexad.sock')}`;
    for (const text of ['first', 'second']) {
      await using server = await serve({ listen });
      expect(await echo(server.address, text)).toBe(`${text}\n`);
    }
  });

  it('refuses an address that is taken, and gives back what it took before', async () => {
    const folder = makeTestFolder();
    const [free, taken] = ['free', 'taken'].map((name) => `unix:${path.join(folder, name)}`) as [
      string,
      string,
    ];
    await using holder = await serve({ listen: taken });
    await expect(serve({ listen: [free, taken] })).rejects.toMatchObject({ code: 'ALREADY_LISTENING' });
    await using server = await serve({ listen: free });
    expect(await Promise.all([echo(server.address, 'a'), echo(holder.address, 'b')])).toEqual(['a\n', 'b\n']);
  });

  it('serves over TLS whoever proves an authorized key, by its address alone', async () => {
    const authorizedKeys = path.join(makeTestFolder(), 'authorized_keys');
    writeFileSync(authorizedKeys, `${publicLine('ed25519')}\n`, { mode: 0o600 });
    // As sshd: the folders above the file are checked up to the home folder
    vi.stubEnv('HOME', path.dirname(authorizedKeys));
    await using server = await serve({
      listen: ['tls://127.0.0.1:0', 'tls://127.0.0.1:0'],
      authenticator: { authorizedKeys },
      ...ALLOW_ROOT,
    });
    const login = { config: false, agent: null, knownHosts: null } as const;
    for (const address of server.addresses) {
      await using host = await connect(address, { ...login, identities: [keyFile('ed25519')] });
      expect((await host.run('echo', ['in'])).stdout).toBe('in\n');
    }
    const stranger = connect(server.address, { ...login, identities: [keyFile('ecdsa256')] });
    await expect(stranger).rejects.toMatchObject({ code: 'DENIED' });
  });

  it('closes a connection over TLS that has not logged in', async () => {
    const authorizedKeys = path.join(makeTestFolder(), 'authorized_keys');
    writeFileSync(authorizedKeys, '', { mode: 0o600 });
    const server = await serve({
      listen: 'tls://127.0.0.1:0',
      authenticator: { authorizedKeys },
      ...ALLOW_ROOT,
    });
    const socket = dial(Number(new URL(server.address).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    await closed;
  });

  it('tells its log and its audit file what it does', async () => {
    const audit = path.join(makeTestFolder(), 'audit');
    const logged: string[] = [];
    const log = (message: string): void => void logged.push(message);
    await using server = await serve({ audit, log: { info: log, warn: log, error: log } });
    await echo(server.address, 'ran');
    await server.close();
    expect(logged).toContain('ready');
    expect(readFileSync(audit, 'utf8')).toMatch(/"run-started".*\n.*"run-ended"/);
  });

  it('refuses jobs unless it is told to serve them', async () => {
    await using server = await serve();
    await using host = await connect(server.address, { config: false });
    const result = await host.run('true', [], { id: 'once', reject: false });
    expect(result).toMatchObject({ outcome: 'not-started', code: 'SERVICE_UNKNOWN' });
    await expect(host.jobs()).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN' });
  });

  it('rejects with an error of the same class as the library has', async () => {
    const error = await serve({ listen: 'nowhere:' }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(RexaError);
  });
});

/** What a server could change of the process. */
interface State {
  readonly listeners: readonly string[];
}

describe('the process that a server is embedded in', () => {
  const program = fileURLToPath(new URL('../../fixtures/server/process-state.mjs', import.meta.url));

  it('keeps its state while it serves, and ends by itself once the server is closed', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    const { before, during, after } = JSON.parse(stdout) as Record<'before' | 'during' | 'after', State>;
    expect(during).toEqual({ ...before, listeners: ['SIGCHLD', ...before.listeners] });
    expect(after).toEqual(before);
  });
});

describe('an option of serve', () => {
  const cases: readonly [unknown, RegExp][] = [
    [{ port: 1 }, /serve has no option port/],
    [{ listen: '' }, /listen of serve is an address/],
    [{ listen: [] }, /listen of serve is an address/],
    [{ listen: 7522 }, /listen of serve is an address/],
    [{ listen: 'tls://127.0.0.1:0' }, /needs the option authenticator/],
    [{ authenticator: {} }, /authenticator of serve is \{ authorizedKeys/],
    [{ authenticator: { authorizedKeys: 'a', password: 'b' } }, /authenticator of serve is/],
    [{ services: [] }, /services of serve is a list/],
    [{ services: ['run', 'status', 'nothing'] }, /services of serve is a list/],
    [{ services: ['run', 'status', { name: 'uptime' }] }, /services of serve is a list/],
    [{ services: ['run', 'status', uptimeService('status')] }, /two services have the name status/],
    [{ services: ['run', 'status', uptimeService('session-end')] }, /two services have the name session-end/],
    [{ services: ['run', 'status', uptimeService(), uptimeService()] }, /two services have the name uptime/],
    [{ hostKey: 7 }, /hostKey of serve is the name of a file, not 7/],
    [{ log: {} }, /log of serve is an object/],
    [{ resumeFor: -1 }, /resumeFor of serve is a number/],
    [{ allowRoot: 'yes' }, /allowRoot of serve is true or false, not 'yes'/],
    ['unix:/tmp/x', /the options of serve are an object/],
  ];

  it.each(cases)('%j that is wrong is refused', async (options, message) => {
    await expect(serve(options as ServeOptions)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('that is undefined is as if it were left out', async () => {
    await using server = await serve({ listen: undefined, log: undefined } as unknown as ServeOptions);
    expect(await echo(server.address, 'ran')).toBe('ran\n');
  });

  it('that names an encoding which is not known is refused', async () => {
    await expect(serve({ encoding: 'klingon' })).rejects.toMatchObject({ code: 'ENCODING_UNKNOWN' });
  });
});
