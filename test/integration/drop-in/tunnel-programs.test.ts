import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type DropIn, hasProgram, startDropIn } from '../../fixtures/drop-in.ts';
import { findClosedPort, startSocketServer } from '../../fixtures/socket-server.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** Starting Chromium, beside other tests. */
const LONG_MS = 120_000;
const RESOURCES = 100;

let host: DropIn;
/** A program `ssh` that knows the port of the host. */
let ssh: string;
let asSsh: Readonly<Record<string, string>>;
beforeAll(async () => {
  host = await startDropIn();
  const programs = join(host.folder, 'as-ssh');
  mkdirSync(programs);
  ssh = join(programs, 'ssh');
  writeFileSync(ssh, `#!/bin/sh\nexec '${host.rexaSsh}' -p ${host.port} "$@"\n`, { mode: 0o755 });
  asSsh = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' };
});
afterAll(() => host[Symbol.asyncDispose]());

/** Runs a program until the test is over. */
function startProgram(words: readonly string[], env: Readonly<Record<string, string>>): void {
  const [program = '', ...rest] = words;
  const own = { ...process.env, HOME: join(host.folder, 'home'), ...env };
  const child = spawn(program, rest, { env: own, stdio: 'ignore' });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
}

/** A page that says in its text that all of its resources were loaded. */
function writePage(): string {
  const images = Array.from({ length: RESOURCES }, (_, index) => `<img src="/${index}.svg" onload="done()">`);
  const script = `let n = 0; const done = () => { if (++n === ${RESOURCES}) document.body.append('loaded ' + n); };`;
  return `<!doctype html><body><script>${script}</script>${images.join('')}`;
}

describe('programs that tunnel through ssh', () => {
  it('scp copies through a jump host', async () => {
    writeFileSync(join(host.folder, 'there'), 'through\n');
    const options = ['-S', host.rexaSsh, '-P', String(host.port), '-J', `127.0.0.1:${host.port}`];
    const words = ['scp', '-q', ...options, `127.0.0.1:${host.folder}/there`, 'here'];
    expect(await host.run(words)).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(host.folder, 'here'), 'utf8')).toBe('through\n');
  });

  it.runIf(hasProgram('autossh'))('autossh finds its connection alive, and makes another one', async () => {
    const echo = await startSocketServer((socket) => void socket.pipe(socket));
    const [monitor, port] = [await findClosedPort(), await findClosedPort()];
    const log = join(host.folder, 'autossh.log');
    const env = {
      AUTOSSH_PATH: ssh,
      AUTOSSH_POLL: '1',
      AUTOSSH_FIRST_POLL: '1',
      AUTOSSH_GATETIME: '0',
      AUTOSSH_LOGLEVEL: '7',
      AUTOSSH_LOGFILE: log,
    };
    const forward = `127.0.0.1:${port}:127.0.0.1:${echo.port}`;
    startProgram(['autossh', '-M', `${monitor}:${echo.port}`, '-N', '-L', forward, '127.0.0.1'], env);
    const count = (text: RegExp): number => [...readLog(log).matchAll(text)].length;
    await waitUntil('the connection is alive', () => count(/connection ok/g) > 0);
    const [, pid = ''] = /ssh child pid is (\d+)/.exec(readLog(log)) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    await waitUntil('another one is made', () => count(/ssh child pid is/g) > 1);
    const alive = count(/connection ok/g);
    await waitUntil('it is alive, too', () => count(/connection ok/g) > alive);
  });

  it.runIf(hasProgram('mosh'))('mosh learns through its ProxyCommand where its server is', async () => {
    const mosh = `mosh --ssh='${ssh}' 127.0.0.1 -- sh -c 'echo on the host; sleep 1'`;
    const words = ['script', '-qec', `stty rows 24 cols 80; ${mosh}`, '/dev/null'];
    const { status, stdout } = await host.run(words, { ...asSsh, TERM: 'xterm', LANG: 'C.UTF-8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('on the host')]);
  });

  it.runIf(hasProgram('chromium'))(
    `chromium loads a page of ${RESOURCES} resources through -D`,
    async () => {
      const asked = new Set<string>();
      const web = createServer((request, response) => {
        asked.add(request.url ?? '');
        const isPage = request.url === '/';
        response.setHeader('content-type', isPage ? 'text/html' : 'image/svg+xml');
        response.end(isPage ? writePage() : '<svg xmlns="http://www.w3.org/2000/svg"/>');
      });
      const [port, socks] = [await listen(web), await findClosedPort()];
      startProgram([ssh, '-q', '-N', '-D', String(socks), '127.0.0.1'], asSsh);
      await waitUntil('the SOCKS server listens', () => isListening(socks));
      const proxy = [`--proxy-server=socks5://127.0.0.1:${socks}`, '--proxy-bypass-list=<-loopback>'];
      const options = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=60000'];
      const folder = `--user-data-dir=${join(host.folder, 'chromium')}`;
      const page = `http://127.0.0.1:${port}/`;
      const { stdout } = await host.run(['chromium', ...options, ...proxy, folder, '--dump-dom', page]);
      expect(stdout).toContain(`loaded ${RESOURCES}`);
      expect(asked.size).toBeGreaterThan(RESOURCES);
    },
    LONG_MS,
  );
});

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function listen(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as { port: number }).port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  const listens = await promise;
  socket.destroy();
  return listens;
}
