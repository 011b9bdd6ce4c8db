import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { grantAgent } from '../../../src/client/granted-agent.ts';
import { connect, type Host, type RunOptions } from '../../../src/client/index.ts';
import type { Link } from '../../../src/link/link.ts';
import type { CallChannel } from '../../../src/services/call.ts';
import { startSshAgent } from '../../fixtures/auth/agents.ts';
import { fixtureText, runTool } from '../../fixtures/auth/fixtures.ts';
import { startDropIn } from '../../fixtures/drop-in.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const KEY = { key: 'ed25519' };
const LISTED = / SHA256:\S+ .* \(ED25519\)\n$/;
const NONE = 'none\n';
const LIST = 'ssh-add -l 2>/dev/null || { test -z "$SSH_AUTH_SOCK" && echo none; }';

/** As a path with a variable. */
const BRACED = `ForwardAgent=${['$', '{OTHER_AGENT}'].join('')}`;

/** A folder for the sockets of a daemon. */
function makeTemporary(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'rexa-tmp-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function logIn(daemon: TlsDaemon): Promise<Host> {
  const host = await connect(`tls://127.0.0.1:${daemon.port}#${daemon.fingerprint}`, {
    config: false,
    agent: null,
    identities: [{ text: fixtureText('keys/ed25519'), name: 'ed25519' }],
  });
  onTestFinished(() => host.close());
  return host;
}

/** Makes a socket whose listener was killed. @param pattern its path; PID is the pid of the listener @returns its path */
function listenAndDie(pattern: string): string {
  const script = `const { mkdirSync, writeSync } = require('fs');
    const path = '${pattern}'.replace('PID', process.pid);
    mkdirSync(require('path').dirname(path), { recursive: true, mode: 0o700 });
    writeSync(1, path);
    require('net').createServer().listen(path, () => process.kill(process.pid, 'SIGKILL'))`;
  return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout;
}

/** A channel that a host has opened, its other end, and its end. */
function makeChannel() {
  const [toAgent, fromAgent] = [new PassThrough(), new PassThrough()];
  const over = Promise.withResolvers<void>();
  const call = {
    input: () => toAgent,
    output: () => fromAgent,
    close: () => over.resolve(),
    abort: () => over.resolve(),
    ended: new Promise(() => undefined),
  } as unknown as CallChannel;
  return { call, toAgent, fromAgent, over: over.promise };
}

/** A host with an agent to forward, and what is said of it. */
async function startAgentHost(options = '', words: readonly string[] = []) {
  const temporary = makeTemporary();
  const daemon = await startTlsDaemon({
    lines: [`${options} ${publicLine('ed25519')}`.trim()],
    env: { TMPDIR: temporary },
    words: ['--audit', join(temporary, 'audit'), ...words],
  });
  onTestFinished(() => daemon[Symbol.asyncDispose]());
  const agent = await startSshAgent([KEY]);
  const host = await logIn(daemon);
  const said: string[] = [];
  const forwarded: RunOptions = {
    forwardAgent: agent,
    handleAgentProblem: (sentence) => void said.push(sentence),
    reject: false,
  };
  const folders = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('rexa-agent-'));
  return { daemon, agent, host, said, forwarded, folders, temporary };
}

describe('a forwarded ssh-agent', () => {
  it('lists and signs for a command, in a folder of mode 0700 that is removed at the end', async () => {
    const { host, forwarded, folders } = await startAgentHost();
    const line = [
      LIST,
      'stat -c %a "$(dirname "$SSH_AUTH_SOCK")" "$SSH_AUTH_SOCK"',
      'cd "$(mktemp -d)" && ssh-add -L > key.pub && echo text > file',
      'ssh-keygen -q -Y sign -f key.pub -n file file 2>/dev/null && head -1 file.sig; rm -r "$PWD"',
    ].join('\n');
    const { stdout } = await host.run(line, { ...forwarded, shell: true });
    expect(stdout).toMatch(/\(ED25519\)\n700\n600\n-----BEGIN SSH SIGNATURE-----\n$/);
    await waitUntil('the folder is removed', () => folders().length === 0);
  });

  it('is absent unless it was asked for', async () => {
    const { host } = await startAgentHost();
    const { stdout } = await host.run(LIST, { shell: true });
    expect(stdout).toBe(NONE);
  });

  it('serves several runs and connections of one link, each to its own agent', async () => {
    const { host, forwarded } = await startAgentHost();
    const other = await startSshAgent([{ key: 'ecdsa256' }]);
    const both = `${LIST} & ${LIST} & wait`;
    const [one, two] = await Promise.all([
      host.run(both, { ...forwarded, shell: true }),
      host.run(both, { ...forwarded, forwardAgent: other, shell: true }),
    ]);
    expect(one.stdout.match(/ED25519/g)).toHaveLength(2);
    expect(two.stdout.match(/ECDSA/g)).toHaveLength(2);
  });

  it('ends with its command, also for a connection that is open', async () => {
    const { host, forwarded, temporary } = await startAgentHost();
    const script = join(temporary, 'hold.mjs');
    writeFileSync(
      script,
      `import { connect } from 'node:net';
       import { writeFileSync } from 'node:fs';
       const socket = connect(process.env.SSH_AUTH_SOCK);
       socket.on('error', () => {}).on('connect', () => writeFileSync('${script}.open', ''));
       socket.on('close', () => writeFileSync('${script}.closed', ''));`,
    );
    const line = `setsid '${process.execPath}' ${script} >/dev/null 2>&1 & until [ -e ${script}.open ]; do :; done; echo "$SSH_AUTH_SOCK"`;
    const { stdout } = await host.run(line, { ...forwarded, shell: true });
    await waitUntil('the connection is closed', () => existsSync(`${script}.closed`));
    expect(existsSync(stdout.trim())).toBe(false);
  });

  it.each<[options: string, listed: RegExp | string, said: RegExp | null]>([
    ['', LISTED, null],
    ['no-port-forwarding', LISTED, null],
    [
      'no-agent-forwarding',
      NONE,
      /the ssh-agent is not forwarded: the key SHA256:\S+ .*a forwarded ssh-agent/,
    ],
    ['restrict', NONE, /not forwarded/],
    ['restrict,agent-forwarding', LISTED, null],
    [`command="${LIST.replaceAll('"', '\\"')}"`, LISTED, null],
    [`command="${LIST.replaceAll('"', '\\"')}",no-agent-forwarding`, NONE, /not forwarded/],
  ])('with the options %o', async (options, listed, sentence) => {
    const { host, forwarded, said } = await startAgentHost(options);
    const { stdout } = await host.run(LIST, { ...forwarded, shell: true });
    expect(stdout).toEqual(
      expect.stringMatching(listed instanceof RegExp ? listed : new RegExp(`^${listed}$`)),
    );
    expect(said).toEqual(sentence === null ? [] : [expect.stringMatching(sentence)]);
  });

  it('is refused to a job', async () => {
    const { host, forwarded } = await startAgentHost();
    const { code } = await host.run('true', { ...forwarded, lifetime: 'detached' });
    expect(code).toBe('JOB_AGENT');
  });

  it('does not show keys that are limited to destinations, and says so', async () => {
    const { host, forwarded, agent, said, temporary } = await startAgentHost();
    const home = join(temporary, 'home');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    runTool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'limited', '-f', join(home, 'limited')]);
    const known = join(home, 'known_hosts');
    writeFileSync(known, `far.example.com ${publicLine('ed25519')}\n`);
    runTool('ssh-add', ['-q', '-H', known, '-h', 'far.example.com', join(home, 'limited')], {
      env: { SSH_AUTH_SOCK: agent, PATH: process.env['PATH'] ?? '' },
    });
    const { stdout } = await host.run('ssh-add -l; ssh-add -l', { ...forwarded, shell: true });
    expect(stdout.match(/\n/g)).toHaveLength(2);
    expect(stdout).not.toContain('limited');
    expect(said).toEqual([expect.stringContaining('1 key is of the ssh-agent limited to destinations')]);
  });

  it('is none where nothing is at its path, as with ssh', async () => {
    const { host, forwarded, said, temporary } = await startAgentHost();
    const gone = { ...forwarded, forwardAgent: join(temporary, 'gone') };
    expect((await host.run(LIST, { ...gone, shell: true })).stdout).toBe(NONE);
    expect(said).toEqual([]);
  });

  it('that does not answer is reported once, and the command goes on', async () => {
    const { host, forwarded, said, temporary } = await startAgentHost();
    const dead = listenAndDie(join(temporary, 'dead'));
    const line = 'ssh-add -l 2>&1; ssh-add -l 2>&1; echo end';
    const { stdout } = await host.run(line, { ...forwarded, forwardAgent: dead, shell: true });
    expect(stdout).toMatch(/end\n$/);
    expect(said).toEqual([
      `the ssh-agent is not forwarded: cannot reach the ssh-agent at ${dead}: connection refused`,
    ]);
  });

  it('of the login is meant by true', async () => {
    const { daemon, agent, forwarded } = await startAgentHost();
    const address = `tls://127.0.0.1:${daemon.port}#${daemon.fingerprint}`;
    for (const [chosen, listed] of [
      [agent, expect.stringMatching(LISTED)],
      [null, NONE],
    ] as const) {
      const identities = [{ text: fixtureText('keys/ed25519'), name: 'ed25519' }];
      await using host = await connect(address, { config: false, agent: chosen, identities });
      const { stdout } = await host.run(LIST, { ...forwarded, forwardAgent: true, shell: true });
      expect(stdout).toEqual(listed);
    }
  });

  it('leaves to a command what it put beside the socket, and its outcome is true', async () => {
    const { host, forwarded, folders, temporary } = await startAgentHost();
    const line = 'touch "$(dirname "$SSH_AUTH_SOCK")/mine"; exit 3';
    const { exitCode, outcome } = await host.run(line, { ...forwarded, shell: true });
    expect([outcome, exitCode]).toEqual(['exited', 3]);
    await waitUntil('the socket is removed', () =>
      folders().every((folder) => readdirSync(join(temporary, folder)).join() === 'mine'),
    );
    expect((await host.run(LIST, { ...forwarded, shell: true })).stdout).toMatch(LISTED);
  });

  it('ends with its run at the client, whatever the host does', async () => {
    const agent = await startSshAgent([KEY]);
    let serve: (channel: CallChannel) => Promise<void> = async () => undefined;
    const granted = grantAgent(
      {
        address: 'host',
        link: { peer: Promise.resolve(null) } as unknown as Link,
        forwarded: {
          grant(given) {
            serve = given;
            return 'a-grant';
          },
          relay: () => undefined,
          revoke: () => undefined,
        },
      },
      { forwardAgent: agent },
    );
    const channel = makeChannel();
    void serve(channel.call);
    channel.toAgent.write(Buffer.from([0, 0, 0, 1, 11]));
    const [answer] = (await once(channel.fromAgent, 'data')) as [Buffer];
    expect(answer[4]).toBe(12);
    granted?.revoke();
    await channel.over;
    const late = makeChannel();
    void serve(late.call);
    await late.over;
    expect(late.fromAgent.readableLength).toBe(0);
  });

  it('removes the sockets of daemons that were killed, and nothing else', async () => {
    const temporary = makeTemporary();
    const dead = listenAndDie(join(temporary, 'rexa-agent-PID-dead00/agent'));
    const pid = /-(\d+)-/.exec(dead)?.[1] ?? '';
    const place = (name: string): string => join(temporary, name, 'agent');
    const file = place(`rexa-agent-${pid}-file00`);
    const live = place(`rexa-agent-${pid}-live00`);
    const notes = place('rexa-agent-notes');
    for (const path of [file, live, notes]) mkdirSync(dirname(path), { mode: 0o700 });
    for (const path of [file, notes]) writeFileSync(path, '');
    const server = net.createServer().listen(live);
    onTestFinished(() => void server.close());
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')], env: { TMPDIR: temporary } });
    const host = await logIn(daemon);
    await host.run('true', { forwardAgent: await startSshAgent([KEY]) });
    expect([dirname(dead), file, live, notes].map((path) => existsSync(path))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('is in the audit', async () => {
    const { host, forwarded, daemon, temporary } = await startAgentHost();
    await host.run('ssh-add -l', { ...forwarded, shell: true });
    await host.close();
    await daemon.stop();
    const events = readFileSync(join(temporary, 'audit'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; id?: string; run?: string; agent?: true });
    const run = events.find(({ event }) => event === 'run-started');
    expect(run?.agent).toBe(true);
    expect(
      events.filter(({ event }) => event.startsWith('agent-')).map(({ event, run: id }) => [event, id]),
    ).toEqual([
      ['agent-started', run?.id],
      ['agent-ended', run?.id],
    ]);
  });
});

describe('rexa ssh with a forwarded ssh-agent', () => {
  it('forwards none to a named session, and says so', async () => {
    await using dropIn = await startDropIn();
    const agent = await startSshAgent([KEY]);
    const words = ['ssh', '-tt', '-A', '--session', 'mine', '-p', String(dropIn.port), '127.0.0.1'];
    const { stdout, stderr } = await dropIn.run(['rexa', ...words, 'echo "[$SSH_AUTH_SOCK]"'], {
      SSH_AUTH_SOCK: agent,
    });
    expect(stdout).toContain('[]');
    expect(stderr).toContain('the ssh-agent is not forwarded to a named session, which outlives its client');
  });

  it.each<[words: readonly string[], listed: boolean]>([
    [[], false],
    [['-A'], true],
    [['-A', '-a'], false],
    [['-o', 'ForwardAgent=yes'], true],
    [['-o', 'ForwardAgent=no'], false],
    [['-o', 'ForwardAgent=yes', '-a'], false],
    [['-o', 'ForwardAgent=$OTHER_AGENT', '-o', 'IdentityAgent=none'], true],
    [['-o', BRACED, '-o', 'IdentityAgent=none'], true],
    [['-o', 'ForwardAgent=$NO_SUCH_AGENT'], false],
    [['-A', '-o', 'IdentityAgent=none'], false],
    [['-A', '-o', 'IdentityAgent=$OTHER_AGENT'], true],
  ])('with the words %j', async (words, listed) => {
    await using dropIn = await startDropIn();
    const agent = await startSshAgent([KEY]);
    const env = words.join(' ').includes('OTHER_AGENT') ? { OTHER_AGENT: agent } : { SSH_AUTH_SOCK: agent };
    const { stdout, stderr } = await dropIn.run(
      ['rexa', 'ssh', '-n', '-p', String(dropIn.port), ...words, '127.0.0.1', LIST],
      env,
    );
    expect({ stdout, stderr }).toEqual({ stdout: listed ? expect.stringMatching(LISTED) : NONE, stderr: '' });
  });
});
