import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { REXAD_LAUNCHER, startDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { connectRaw, frame, rawPeerOn } from '../../fixtures/raw-peer.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

/** All that could steer a terminal, forge a line or turn the direction of what follows. */
const BAD =
  'x\u001b]0;title\u0007\u001b[2J\u009b31m\u0000\b\u007f\r\nrexa: forged\u0085\u2028\u202e\u2066\u{e0041}\ufeff y';

/** What no output of ours may hold: everything of the kinds above but the ends of our own lines and columns. */
const STEERS = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\n\t]]/v;

/** @throws where it is not UTF-8, steers a terminal, or has a line that a peer forged */
function checkOutput(bytes: Uint8Array | string): void {
  const text = typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  expect(text).not.toMatch(STEERS);
  expect(text).not.toMatch(/^rexa: forged/m);
}

type Json = Readonly<Record<string, unknown>>;

const ERROR = { code: 'JOB_UNKNOWN', message: BAD };
const RECEIPT = { name: BAD, source: 'option', replaced: 3 };
const OUTCOME = {
  name: 'timed-out',
  exitCode: null,
  signal: null,
  code: 'TIMED_OUT',
  reason: BAD,
  encoding: { stdin: RECEIPT, stdout: RECEIPT, stderr: RECEIPT },
  bytes: { stdin: 0, stdout: 0, stderr: 0 },
  durationMs: 1,
  survivors: [7],
  pipeHeldBy: [8],
  complete: false,
};
const JOB = {
  id: 'job',
  state: 'corrupt',
  command: { argv: [BAD, { hex: 'ff1b5b324a' }] },
  lifetime: 'detached',
  createdMs: 1,
  endedMs: null,
  pid: 7,
  outcome: null,
  note: BAD,
};
const UNREADABLE = { ...JOB, id: 'other', command: null };
const STATUS = {
  agent: BAD,
  pid: 1,
  startedMs: 0,
  state: 'serving',
  listen: [{ url: BAD, fingerprint: BAD }],
  connections: 0,
  runs: 0,
  config: BAD,
  audit: BAD,
};

const close = (last: Json | string | Uint8Array): Buffer => frame(0x12, 1, last);
const message = (said: Json): Buffer => frame(0x11, 1, said);
const goaway = (error: Json): Buffer => frame(0x02, 0, { error });

/** What the daemon answers to the first request of each connection, and to its hello. */
let answer: Buffer = close({});
let encoding = 'utf8';
let greetings = 0;

const folder = mkdtempSync(join(tmpdir(), 'rexa-lying-'));
const socketPath = join(folder, 'rexad.sock');
const address = `unix:${socketPath}`;
const env = { HOME: folder, XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined };

const server = createServer((socket) => {
  const peer = rawPeerOn(socket);
  const serve = async (): Promise<void> => {
    for (let said = await peer.next(); said !== null; said = await peer.next()) {
      if (said.type === 0x01) peer.send(frame(0x01, 0, { protocol: 1, agent: BAD, features: [], encoding }));
      if (said.type === 0x01) greetings++;
      if (said.type === 0x03) peer.send(frame(0x04, 0, said.payload));
      if (said.type === 0x10) peer.send(answer);
      if (said.type === 0x02) socket.end();
    }
  };
  void serve();
});

beforeAll(async () => {
  chmodSync(folder, 0o700);
  server.listen(socketPath);
  await once(server, 'listening');
  chmodSync(socketPath, 0o600);
  mkdirSync(join(folder, '.config/rexa'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'tests.yaml'), `tests:\n  true:\n    exit-code: 0\n`);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a daemon that lies', () => {
  const started = [message({ type: 'job', job: JOB, repeated: true }), message({ type: 'started', pid: 7 })];
  it.each<[said: string, words: readonly string[], answer: Buffer]>([
    ['its name', ['ping', '-c', '1', address], close({})],
    ['its name, as JSON', ['ping', '-c', '1', '--json', address], close({})],
    ['its name, to -v', ['run', '-v', address, 'true'], close({ outcome: OUTCOME })],
    ['a goaway', ['run', address, 'true'], goaway(ERROR)],
    ['the code of a goaway', ['run', address, 'true'], goaway({ code: BAD, message: BAD })],
    ['that it leaves', ['run', address, 'true'], goaway({ code: 'SHUTTING_DOWN', message: BAD })],
    ['a refusal', ['run', address, 'true'], close({ error: ERROR })],
    ['a refusal of the drop-in', ['ssh', address, 'true'], close({ error: ERROR })],
    ['the code of a refusal', ['run', '--json', address, 'true'], close({ error: { ...ERROR, code: BAD } })],
    ['an outcome', ['run', '--json', address, 'true'], close({ outcome: OUTCOME })],
    ['the code of an outcome', ['run', address, 'true'], close({ outcome: { ...OUTCOME, code: BAD } })],
    ['a signal', ['run', address, 'true'], close({ outcome: { ...OUTCOME, signal: BAD } })],
    ['a field of a wrong kind', ['run', address, 'true'], close({ outcome: { ...OUTCOME, name: BAD } })],
    ['an unknown message', ['run', address, 'true'], Buffer.concat([message({ type: BAD }), close({})])],
    ['what is not UTF-8', ['run', address, 'true'], close(Buffer.from('{"error":"\xff\xfe"}', 'latin1'))],
    ['no JSON', ['run', address, 'true'], close(BAD)],
    [
      'a job, its trouble and refused input',
      ['run', '-v', address, 'true'],
      Buffer.concat([
        ...started,
        message({ type: 'input-refused', message: BAD }),
        message({ type: 'draining', leftMs: 1e15 }),
        message({ type: 'trouble', ...ERROR }),
        close({ outcome: { ...OUTCOME, name: 'exited', exitCode: 0, code: null, reason: null } }),
      ]),
    ],
    [
      'an endless drain',
      ['run', address, 'true'],
      Buffer.concat([...started, frame(0x11, 1, '{"type":"draining","leftMs":1e999}'), close({})]),
    ],
    [
      'the id of a detached job',
      ['run', '--detach', address, 'true'],
      Buffer.concat([message({ type: 'job', job: { ...JOB, id: BAD }, repeated: false }), close({})]),
    ],
    ['jobs', ['jobs', address], close({ jobs: [JOB, UNREADABLE] })],
    ['jobs, as JSON', ['jobs', '--json', address], close({ jobs: [JOB, UNREADABLE] })],
    ['ids of jobs', ['jobs', address], close({ jobs: [{ ...JOB, id: BAD }] })],
    ['ids of forgotten jobs', ['jobs', 'prune', address], close({ pruned: [BAD] })],
    ['a refusal of jobs', ['jobs', address], close({ error: ERROR })],
    ['a refusal of kill', ['kill', address, 'job'], close({ error: ERROR })],
    ['a refusal of wait', ['wait', address, 'job'], close({ error: ERROR })],
    ['a refusal of logs', ['logs', address, 'job'], close({ error: ERROR })],
    ['a refusal of attach', ['attach', address, 'job'], Buffer.concat([...started, close({ error: ERROR })])],
    ['a refusal of the line shell', ['shell', '--line', address], close({ error: ERROR })],
    ['jobs, to completion', ['completion', 'candidates', '--', 'kill', address, ''], close({ jobs: [JOB] })],
    ['an outcome, to a smoke test', ['smoke', 'tests.yaml', '--host', address], close({ outcome: OUTCOME })],
  ])('steers no terminal and forges no line: %s', async (_said, words, told) => {
    answer = told;
    encoding = BAD;
    greetings = 0;
    const { stdout, stderr } = await runRexa(words, { env, cwd: folder });
    expect(greetings).toBeGreaterThan(0);
    checkOutput(stdout);
    checkOutput(stderr);
    expect(`${stdout.toString()}${stderr}`).not.toContain('internal error');
    expect(`${stdout.toString()}${stderr}`.length).toBeGreaterThan(0);
  });

  it('steers no terminal by a report of smoke tests', async () => {
    answer = close({ error: ERROR });
    const kinds = ['junit', 'tap', 'json', 'github', 'markdown'];
    const words = kinds.flatMap((kind) => ['--report', `${kind}=report.${kind}`]);
    await runRexa(['smoke', 'tests.yaml', '--host', address, ...words], { env, cwd: folder });
    for (const kind of kinds) {
      const report = readFileSync(join(folder, `report.${kind}`));
      checkOutput(report);
      expect(report.toString()).toContain('rexa: forged');
    }
  });

  it.each<[string, Json]>([
    ['its state', { status: STATUS }],
    ['an error', { error: ERROR }],
    ['a moment beyond all dates', { status: { ...STATUS, startedMs: 1e300 } }],
  ])('steers no terminal by rexad status: %s', async (_said, last) => {
    answer = close(last);
    encoding = 'utf8';
    for (const more of [[], ['--json']]) {
      const words = ['status', '--listen', address, ...more];
      const { stdout, stderr } = await runRexa(words, { env, program: REXAD_LAUNCHER });
      checkOutput(stdout);
      checkOutput(stderr);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  it('is escaped in the errors and results of the library', async () => {
    encoding = BAD;
    await using host = await connect(address);
    answer = close({ error: ERROR });
    const failed = await host.run('true', { reject: false });
    checkOutput(failed.reason ?? '');
    const errors = [
      await host.run('true').catch((error: unknown) => error),
      await host.jobs().catch((error: unknown) => error),
      await host.execa('true').catch((error: unknown) => error),
    ];
    for (const error of errors) checkOutput((error as Error).message);
    checkOutput(Object.values(host.peer).flat().map(String).join(' '));
    expect(host.peer.agent).toContain(String.raw`\x1b]0;title\x07`);
  });
});

describe('a program behind exec: that lies', () => {
  it.each([
    ['on stderr', `printf '%s\\n' '${BAD.replaceAll('\u0000', '')}' >&2; exit 3`],
    ['on stdout', `printf '%s\\n' '${BAD.replaceAll('\u0000', '')}'; exit 3`],
  ])('steers no terminal: %s', async (_where, line) => {
    const script = join(folder, 'liar');
    writeFileSync(script, `#!/bin/sh\n${line}\n`, { mode: 0o700 });
    const { status, stdout, stderr } = await runRexa(['run', '-v', `exec:${script}`, 'true'], { env });
    expect([status, stdout.toString()]).toEqual([125, '']);
    checkOutput(stderr);
    expect(stderr).toContain(String.raw`\x1b]0;title\x07`);
  });
});

describe('files that lie', () => {
  it.each<[what: string, file: string, text: string, words: readonly string[]]>([
    ['a configuration', 'config.yaml', `${JSON.stringify(BAD)}: 1\n`, ['run', 'nobody', 'true']],
    [
      'the name of a host',
      'config.yaml',
      `hosts:\n  ${JSON.stringify(BAD)}: { address: ${JSON.stringify(address)} }\n`,
      ['completion', 'candidates', '--', 'run', ''],
    ],
    [
      'known hosts',
      'known_hosts',
      `${BAD.replaceAll(/\s/gu, '')} ssh-ed25519 AAAA ${BAD}\n`,
      ['keys', 'list'],
    ],
    [
      'known hosts, as JSON',
      'known_hosts',
      `${BAD.replaceAll(/\s/gu, '')} ssh-ed25519 AAAA ${BAD}\n`,
      ['keys', 'list', '--json'],
    ],
    [
      'a suite of tests',
      'suite.yaml',
      `tests:\n  ${JSON.stringify(BAD)}:\n    ${JSON.stringify(BAD)}: 1\n`,
      ['smoke', 'check', '.config/rexa/suite.yaml'],
    ],
    [
      'the names of tests',
      'suite.yaml',
      `tests:\n  ${JSON.stringify(BAD)}:\n    command: "true"\n`,
      ['smoke', 'list', '.config/rexa/suite.yaml'],
    ],
  ])('steer no terminal: %s', async (_what, file, text, words) => {
    const place = join(folder, '.config/rexa', file);
    writeFileSync(place, text, { mode: 0o600 });
    const { stdout, stderr } = await runRexa(words, { env, cwd: folder });
    rmSync(place);
    checkOutput(stdout);
    checkOutput(stderr);
  });
});

describe('a client that lies', () => {
  it.each(['pretty', 'json'])('forges no line of the log (%s) or the audit', async (format) => {
    await using home = makeJobHome();
    const audit = join(home.folder, 'audit');
    const words = ['--audit', audit, '--log-format', format];
    await using daemon = await startDaemon({ words, env: home.env });
    const peer = await connectRaw(daemon.socketPath);
    const note = { rights: 'full', provenance: { SSH_CONNECTION: BAD, [BAD]: BAD } };
    const run = { service: 'run', cwd: '/', command: { argv: ['true', BAD.replaceAll('\u0000', '')] } };
    peer.send(
      frame(0x0c, 0, note),
      frame(0x01, 0, { protocol: [1, 1], agent: BAD, features: [] }),
      frame(0x10, 1, { ...run, id: BAD }),
      frame(0x10, 3, { ...run, id: 'a' }),
      frame(0x10, 5, { ...run, id: 'b', cwd: BAD, env: { [BAD]: BAD } }),
      frame(0x10, 7, { ...run, id: 'c', command: { argv: [BAD] } }),
      frame(0x10, 9, { service: BAD }),
      frame(0x10, 11, { service: 'attach', job: BAD.slice(0, 20) }),
      frame(0x10, 13, { service: 'kill', job: BAD.slice(0, 20), signal: BAD }),
    );
    for (let closed = 0; closed < 7; ) if ((await peer.next())?.type === 0x12) closed++;
    peer.socket.destroy();
    await daemon.stop();
    checkOutput(daemon.log());
    const lines = readFileSync(audit, 'utf8');
    checkOutput(lines);
    expect(lines).toContain(String.raw`\u001b]0;title\u0007`);
    for (const line of lines.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('event');
  });
});
