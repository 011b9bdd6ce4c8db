import { execFileSync, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { raceTable, type Table } from './figures.ts';
import { startRivalHosts, type Way } from './rival-hosts.ts';
import { readStage } from './stage.ts';

const ROUNDS = 5;
const MB = 1_000_000;

/** What a program does over one way, with the data in one folder, into another that is empty at its start. */
type Errand = (way: Way, from: string, into: string) => Promise<void>;

const at = (folder: string): string => `127.0.0.1:${folder}`;
const shell = ({ name, program, port }: Way): string =>
  `${program}${name === 'rexa' ? ' ssh' : ''} -p ${port}`;

const ERRANDS: Readonly<Record<string, Errand>> = {
  'a command: true': (way) => call(way.program, '-p', String(way.port), '127.0.0.1', 'true'),
  'git clone, 20 MB': (way, from, into) =>
    callWith({ GIT_SSH_COMMAND: way.name === 'rexa' ? `${way.program} ssh` : way.program }, 'git', [
      'clone',
      '-q',
      '--bare',
      `ssh://127.0.0.1:${way.port}${from}/repo.git`,
      `${into}/clone`,
    ]),
  'rsync up, a tree of 100 MB': (way, from, into) =>
    call('rsync', '-a', '-e', shell(way), `${from}/tree/`, at(`${into}/tree`)),
  'rsync down, a tree of 100 MB': (way, from, into) =>
    call('rsync', '-a', '-e', shell(way), at(`${from}/tree/`), `${into}/tree`),
  'rsync, nothing has changed': (way, from) =>
    call('rsync', '-a', '-e', shell(way), `${from}/tree/`, at(`${from}/same`)),
  'scp up, 90 MB': (way, from, into) => copy(way, `${from}/tree/large`, at(`${into}/large`)),
  'scp down, 90 MB': (way, from, into) => copy(way, at(`${from}/tree/large`), `${into}/large`),
  'scp -O down, 90 MB': (way, from, into) => copy(way, '-O', at(`${from}/tree/large`), `${into}/large`),
  'sftp get, 90 MB': (way, from, into) =>
    call('sftp', '-q', '-S', way.program, '-P', String(way.port), at(`${from}/tree/large`), `${into}/large`),
  'tar through a pipe, 100 MB': (way, from, into) =>
    call('sh', '-c', `tar c -C ${from} tree | ${shell(way)} 127.0.0.1 tar x -C ${into}`),
};

/** Real programs through `rexa ssh` and through OpenSSH, in turn, over loopback, keys and encryption included. */
export async function measure(): Promise<Table[]> {
  await using hosts = await startRivalHosts(readStage());
  makeData(hosts.folder);
  const tables: Table[] = [];
  for (const [title, errand] of Object.entries(ERRANDS)) {
    const contestants = hosts.ways.map((way) => ({
      name: way.name,
      once: () => run(errand, way, hosts.folder),
    }));
    tables.push(await raceTable(contestants, ROUNDS, { title, unit: 'ms', better: 'less' }));
  }
  return tables;
}

async function run(errand: Errand, way: Way, from: string): Promise<void> {
  const into = path.join(from, 'into');
  fs.rmSync(into, { recursive: true, force: true });
  fs.mkdirSync(into);
  await errand(way, from, into);
}

function copy({ program, port }: Way, ...words: readonly string[]): Promise<void> {
  return call('scp', '-q', '-S', program, '-P', String(port), ...words);
}

function call(program: string, ...words: readonly string[]): Promise<void> {
  return callWith({}, program, words);
}

async function callWith(more: NodeJS.ProcessEnv, program: string, words: readonly string[]): Promise<void> {
  const child = spawn(program, words, {
    env: { ...process.env, ...more },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}`);
}

/** Random bytes: nothing that is compressed on the way gets smaller. */
function makeData(folder: string): void {
  const tree = path.join(folder, 'tree');
  fs.mkdirSync(path.join(tree, 'small'), { recursive: true });
  fs.writeFileSync(path.join(tree, 'large'), randomFillSync(Buffer.alloc(90 * MB)));
  for (let index = 0; index < 1000; index++) {
    fs.writeFileSync(path.join(tree, 'small', String(index)), randomFillSync(Buffer.alloc(10_000)));
  }
  fs.cpSync(tree, path.join(folder, 'same'), { recursive: true, preserveTimestamps: true });
  const work = path.join(folder, 'work');
  const git = (...words: readonly string[]): Buffer =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: folder });
  git('init', '-q', work);
  fs.writeFileSync(path.join(work, 'large'), randomFillSync(Buffer.alloc(20 * MB)));
  git('-C', work, 'add', '.');
  git('-C', work, 'commit', '-qm', 'all');
  git('clone', '-q', '--bare', work, 'repo.git');
}
