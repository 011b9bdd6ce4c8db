import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { REXAD, startDaemon } from '../../fixtures/daemon.ts';
import { connectRaw, frame, HELLO } from '../../fixtures/raw-peer.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

describe('rexad', () => {
  it.each([
    [['--encoding', 'no-such'], 'unknown encoding no-such'],
    [['--audit', '/nowhere/audit.jsonl'], 'cannot write the audit file /nowhere/audit.jsonl'],
    [['--listen', 'ready://127.0.0.1:0'], process.getuid?.() === 0 ? '--allow-root' : ''],
  ])('is refused with %j at its start', (words, message) => {
    if (message === '') return;
    const folder = mkdtempSync(join(tmpdir(), 'rexa-test-'));
    const all = [REXAD, '--listen', `unix:${folder}/rexad.sock`, ...words];
    const { status, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', timeout: 20_000 });
    rmSync(folder, { recursive: true, force: true });
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  it('goes on when its log can take no more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-test-'));
    const full = openSync('/dev/full', 'w');
    const address = `unix:${folder}/rexad.sock`;
    const daemon = spawn(process.execPath, [REXAD, '--listen', address], {
      stdio: ['ignore', 'ignore', full],
    });
    closeSync(full);
    const exited = new Promise((resolve) => daemon.once('exit', resolve));
    await waitUntil('it listens', () =>
      connect(address).then(
        (host) => host.close().then(() => true),
        () => false,
      ),
    );
    await using host = await connect(address);
    expect((await host.run('echo', ['heard'])).stdout).toBe('heard\n');
    daemon.kill();
    expect(await exited).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('the audit file', () => {
  it('has one line for each connection and each request, whatever became of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-test-'));
    const file = join(folder, 'audit.jsonl');
    await using daemon = await startDaemon({ words: ['--audit', file] });
    const peer = await connectRaw(daemon.socketPath);
    const requests: readonly object[] = [
      { service: 'run', id: 'good', command: { argv: ['true'] }, env: { TOKEN: 'secret' } },
      { service: 'run', id: 'not-there', command: { argv: ['/no/such'] } },
      { service: 'run', id: 'wrong shape' },
      { service: 'web' },
    ];
    peer.send(HELLO, ...requests.map((request, index) => frame(0x10, 2 * index + 1, request)));
    const lines = (): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');
    await waitUntil('all are audited', () => lines().length >= 7);
    peer.socket.destroy();
    expect(await daemon.stop()).toBe(0);
    const told = lines().map(
      (line) => JSON.parse(line) as { event: string; outcome?: string; code?: string },
    );
    const shown = told.map(({ event, ...rest }) => `${event} ${rest.outcome ?? ''} ${rest.code ?? ''}`);
    expect(shown.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'connection accepted  ',
      'request refused  REQUEST_WRONG_SHAPE',
      'request refused  SERVICE_UNKNOWN',
      'run-ended exited ',
      'run-ended not-started FILE_NOT_FOUND',
      'run-started  ',
      'run-started  ',
    ]);
    expect(readFileSync(file, 'utf8') + daemon.log()).not.toContain('secret');
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('half a character', () => {
  it.each([
    ['argument 2', { command: ['printf', '%s', 'a\ud800b'] }],
    ['the program', { command: ['\udc00'] }],
    ['the environment variable HALF', { command: ['true'], env: { HALF: '\ud800' } }],
    ['the working directory', { command: ['true'], cwd: '/\ud800' }],
  ])('in %s is refused by name, and nothing is run', async (what, { command, ...options }) => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    const [file = '', ...args] = command;
    for (const encoding of ['host', 'binary', 'gbk']) {
      const result = await host.run(file, args, { ...options, encoding, reject: false });
      expect([result.outcome, result.code]).toEqual(['not-started', 'UNMAPPABLE']);
      expect(result.reason).toContain(what);
    }
  });
});
