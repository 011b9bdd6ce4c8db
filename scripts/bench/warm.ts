import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from 'ssh2';
import { connect, type Host } from '../../src/client/index.ts';
import { runCall, runInFlight } from './calls.ts';
import { startDaemon, startTlsDaemon, TLS_OPTIONS } from './daemon.ts';
import { endChild } from './end-child.ts';
import { type Contestant, raceTable, type Table } from './figures.ts';
import { readStage, type Stage, sshWords } from './stage.ts';

const ROUNDS = 200;
const IN_FLIGHT = 32;
const RUNS_PER_BATCH = 320;
const BATCHES = 9;

/**
 * `true` over a connection that is there, one after the other and many at once: rexa's library beside ssh2, the library of the
 * same kind, to sshd. Both run `sh -c true` as the same account; `execve` runs the program without a shell.
 */
export async function measure(): Promise<Table[]> {
  const stage = readStage();
  await using local = await startDaemon();
  await using distant = await startTlsDaemon(stage);
  await using unix = await connect(local.address);
  await using tls = await connect(distant.address, TLS_OPTIONS);
  const line = { shell: true } as const;
  const ours: Contestant[] = [
    { name: 'rexa, unix', once: async () => void (await unix.run('true', [], line)) },
    { name: 'rexa, tls', once: async () => void (await tls.run('true', [], line)) },
  ];
  const direct = { name: 'rexa, unix, execve', once: async () => void (await unix.run('true')) };
  const script = await compareScript(unix);
  if (stage.sshdPort === null) return [await sequence([...ours, direct]), script];

  await using shared = await shareConnection(stage);
  await using asItComes = await openSsh2(stage);
  await using quick = await openSsh2(stage);
  quick.client.setNoDelay(true);
  const rival = { name: 'ssh2 with setNoDelay', once: quick.once };
  const others = [
    { name: 'ssh -S, a process each', once: shared.once },
    { name: 'ssh2 as it comes', once: asItComes.once },
  ];
  return [await sequence([...ours, direct, ...others, rival]), await flood([...ours, rival]), script];
}

/** execa's `$` on a host beside the call that it makes of it. */
function compareScript(host: Host): Promise<Table> {
  const contestants = [
    { name: 'rexa, host.$', once: async () => void (await host.$`true`) },
    { name: 'host.run', once: async () => void (await host.run('true')) },
  ];
  return raceTable(contestants, ROUNDS, {
    title: 'true by host.$ beside host.run',
    unit: 'ms',
    better: 'less',
  });
}

function sequence(contestants: readonly Contestant[]): Promise<Table> {
  const title = 'true over an open connection, one after the other';
  return raceTable(contestants, ROUNDS, { title, unit: 'ms', better: 'less' });
}

function flood(contestants: readonly Contestant[]): Promise<Table> {
  const batches = contestants.map(({ name, once: runOne }) => ({
    name,
    once: () => runInFlight(RUNS_PER_BATCH, IN_FLIGHT, runOne),
  }));
  return raceTable(batches, BATCHES, {
    title: `true over an open connection, ${IN_FLIGHT} in flight`,
    unit: 'runs/s',
    better: 'more',
    figure: (ms) => (RUNS_PER_BATCH / ms) * 1000,
  });
}

async function openSsh2({ home, user, sshdPort }: Stage) {
  const client = new Client();
  const privateKey = fs.readFileSync(path.join(home, '.ssh/id_ed25519'));
  client.connect({ host: '127.0.0.1', port: sshdPort ?? 0, username: user, privateKey });
  await once(client, 'ready');
  return {
    client,
    once: () => runOverSsh2(client),
    [Symbol.asyncDispose]: async () => void client.end(),
  };
}

function runOverSsh2(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exec('true', (error, stream) => {
      if (error) return reject(error);
      let code: number | null = null;
      stream.on('exit', (status: number | null) => {
        code = status;
      });
      stream.on('close', () => (code === 0 ? resolve() : reject(new Error(`ssh2: true ended with ${code}`))));
      stream.resume();
      stream.stderr.resume();
    });
  });
}

/** A connection that further processes of ssh use (ControlMaster). */
async function shareConnection(stage: Stage) {
  const socket = path.join(stage.home, 'control');
  const words = [...sshWords(stage), '-S', socket];
  const master = spawn('ssh', [...words, '-M', '-N', '127.0.0.1'], { stdio: 'ignore' });
  while (!fs.existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    once: () => runCall({ file: 'ssh', args: [...words, '-n', '127.0.0.1', 'true'] }),
    [Symbol.asyncDispose]: () => endChild(master),
  };
}
