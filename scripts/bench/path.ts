import { execFileSync, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DAEMON_NODE_OPTIONS } from '../../src/runtime/node-variables.ts';
import { REXAD } from './daemon.ts';
import { endChild } from './end-child.ts';
import { type Table, tabulate } from './figures.ts';
import type { PathFigures, PathTask } from './path-client.ts';

/** A path between two hosts: what tc-netem(8) makes of it, in both directions together. */
interface Path {
  readonly name: string;
  readonly rttMs: number;
  readonly rate: string;
  readonly loss: string | null;
  /** What is transferred. */
  readonly megabytes: number;
}

const PATHS: readonly Path[] = [
  { name: '167 ms, 500 Mbit/s', rttMs: 167, rate: '500mbit', loss: null, megabytes: 500 },
  { name: '100 ms, 1 Gbit/s', rttMs: 100, rate: '1gbit', loss: null, megabytes: 200 },
  { name: '100 ms, 1 Gbit/s, 0.1% lost', rttMs: 100, rate: '1gbit', loss: '0.1%', megabytes: 200 },
];

const NEAR = { namespace: 'rexa-near', device: 'rexa-near', address: '10.211.7.1' };
const FAR = { namespace: 'rexa-far', device: 'rexa-far', address: '10.211.7.2' };
/** Windows for some seconds of the fastest path. */
const TCP_MEMORY = { tcp_rmem: '4096 131072 268435456', tcp_wmem: '4096 1048576 268435456' };
/** Packets that the path holds: netem drops what is more. */
const QUEUE_PACKETS = 100_000;
const CLIENT = path.resolve(import.meta.dirname, 'path-client.ts');

/** Says what is missing for it; null: nothing. */
export function describeObstacle(): string | null {
  if (process.getuid?.() !== 0) return 'bench path needs root, for network namespaces';
  const missing = ['ip', 'tc'].filter((program) => spawnSync(program, ['-V']).error !== undefined);
  if (missing.length > 0) return `bench path needs ${missing.join(' and ')} (the package iproute2)`;
  const undo = addNamespace(NEAR.namespace);
  if (undo === null) return 'bench path needs network namespaces, and `ip netns add` fails here';
  const netem = spawnSync('ip', [...within(NEAR), 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem']);
  undo();
  return netem.status === 0 ? null : 'bench path needs a kernel with netem (CONFIG_NET_SCH_NETEM)';
}

/** Transfers, keys and many channels over long paths of kernel TCP, beside a bare TCP connection. */
export async function measure(): Promise<Table[]> {
  await using undo = new AsyncDisposableStack();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-bench-'));
  undo.defer(() => fs.rmSync(folder, { recursive: true }));
  for (const { namespace } of [NEAR, FAR]) undo.defer(addNamespace(namespace) ?? (() => undefined));
  connectNamespaces();
  const { address, end } = await startFarDaemon(folder);
  undo.defer(end);
  const seen: { readonly path: Path; readonly figures: PathFigures }[] = [];
  for (const each of PATHS) {
    shape(each);
    seen.push({ path: each, figures: await askNear({ address, folder, far: FAR.address, ...each }) });
  }
  return seen.flatMap(({ path: { name, megabytes }, figures }) => makeTables(name, megabytes, figures));
}

function makeTables(name: string, megabytes: number, figures: PathFigures): Table[] {
  const more = { unit: 'MB/s', better: 'more' } as const;
  return [
    tabulate(
      ['rexa, down', 'rexa, up', 'a bare TCP connection'],
      [figures.downMs, figures.upMs, figures.bareMs],
      { ...more, title: `${megabytes} MB at ${name}`, figure: (ms) => (megabytes * 1000) / ms },
    ),
    tabulate(['rexa, a key meanwhile', 'a round trip of the idle path'], [figures.echoMs, figures.rttMs], {
      unit: 'ms',
      better: 'less',
      title: `A key and its echo beside a transfer, ${name}`,
    }),
    tabulate(['rexa, one of 200 channels is not read', 'all are read'], [figures.stalledMs, figures.readMs], {
      unit: 'ms',
      better: 'less',
      title: `What the other channels take, ${name}`,
    }),
  ];
}

/** @returns what removes it; null: there are none here */
function addNamespace(name: string): (() => void) | null {
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return null;
  return () => void spawnSync('ip', ['netns', 'del', name]);
}

function connectNamespaces(): void {
  run(
    'ip',
    'link',
    'add',
    NEAR.device,
    'netns',
    NEAR.namespace,
    'type',
    'veth',
    'peer',
    'name',
    FAR.device,
    'netns',
    FAR.namespace,
  );
  for (const end of [NEAR, FAR]) {
    run('ip', ...within(end), 'ip', 'addr', 'add', `${end.address}/24`, 'dev', end.device);
    for (const device of ['lo', end.device]) run('ip', ...within(end), 'ip', 'link', 'set', device, 'up');
    for (const [name, value] of Object.entries(TCP_MEMORY))
      run('ip', ...within(end), 'sysctl', '-q', '-w', `net.ipv4.${name}=${value}`);
  }
}

function shape({ rttMs, rate, loss }: Path): void {
  const words = ['delay', `${rttMs / 2}ms`, 'rate', rate, 'limit', String(QUEUE_PACKETS)];
  for (const end of [NEAR, FAR])
    run(
      'ip',
      ...within(end),
      'tc',
      'qdisc',
      'replace',
      'dev',
      end.device,
      'root',
      'netem',
      ...words,
      ...(loss === null ? [] : ['loss', loss]),
    );
}

function within({ namespace }: typeof NEAR): string[] {
  return ['netns', 'exec', namespace];
}

function run(program: string, ...words: readonly string[]): void {
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function startFarDaemon(folder: string) {
  const key = path.join(folder, 'key');
  run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key);
  const listen = [
    '--listen',
    `tls://${FAR.address}:0`,
    '--allow-root',
    '--audit',
    path.join(folder, 'audit'),
  ];
  const keys = ['--authorized-keys', `${key}.pub`, '--host-key', path.join(folder, 'host'), '--json'];
  const words = [process.execPath, ...DAEMON_NODE_OPTIONS, REXAD, ...listen, ...keys];
  // A file of keys is trusted where others may write above the home folder only
  const env = { ...process.env, HOME: folder };
  const child = spawn('ip', [...within(FAR), ...words], { stdio: ['ignore', 'pipe', 'ignore'], env });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return { address: url, end: () => endChild(child) };
}

/** Lets a process in the near namespace measure. */
async function askNear(task: Omit<PathTask, 'key'>): Promise<PathFigures> {
  const [ip = '', ...words] = ['ip', ...within(NEAR), process.execPath];
  const child = fork(CLIENT, { execPath: ip, execArgv: words });
  child.send({ ...task, key: path.join(task.folder, 'key') } satisfies PathTask);
  const ended = once(child, 'exit').then(() => {
    throw new Error('the client of the path ended');
  });
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [PathFigures];
  ended.catch(() => undefined);
  child.disconnect();
  return figures;
}
