import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { REXA, startTlsDaemon } from './daemon.ts';
import { startDelayProxy } from './delay-proxy.ts';
import { type Contestant, raceTable, type Table } from './figures.ts';
import { readStage, type Stage, sshWords } from './stage.ts';

const ROUNDS = 3;
const MIB = 2 ** 20;
const ONE_WAY_MS = 50;
const FILES = 10_000;
const FILE_BYTES = 4096;
const MANY_FILES = 100_000;
const FILES_PER_FOLDER = 100;
/** One file of so many is changed before a second run. */
const CHANGED = 100;

/** Where the programs find the two daemons. */
interface Ports {
  readonly rexad: number;
  readonly sshd: number;
}

type Program = readonly [name: string, copy: (from: string, into: string) => readonly string[]];

/** Files by `rexa cp` and by the programs that people copy with over ssh, each a whole process; with -p where they differ. */
export async function measure(): Promise<Table[]> {
  const stage = readStage();
  if (stage.sshdPort === null) throw new Error('there is no sshd to compare with: install openssh-server');
  await using daemon = await startTlsDaemon(stage);
  const near = { rexad: Number(new URL(daemon.address).port), sshd: stage.sshdPort };
  await using farRexad = await startDelayProxy(near.rexad, ONE_WAY_MS);
  await using farSshd = await startDelayProxy(near.sshd, ONE_WAY_MS);
  const far = { rexad: farRexad.port, sshd: farSshd.port };
  const data = path.join(stage.home, 'files');
  fs.mkdirSync(data);
  writeLarge(path.join(data, 'large'));
  makeTree(path.join(data, 'small'), FILES);
  const here = programs(stage, near);
  const distant = programs(stage, far);
  const tables = [
    await raceInto('A file of 1 GiB', stage, data, 'large', [here.rexa, here.rsyncWhole, here.scp]),
    await raceInto('10,000 files of 4 KiB', stage, data, 'small', [
      here.rexa,
      here.rsync,
      here.scp,
      here.tar,
    ]),
    // scp needs several round trips for each file: half an hour
    await raceInto('10,000 files of 4 KiB, 100 ms away', stage, data, 'small', [
      distant.rexa,
      distant.rsync,
      distant.tar,
    ]),
    await raceAgain(stage, data, [distant.rexaUpdate, distant.rsync]),
  ];
  for (const folder of [data, path.join(stage.home, 'into')]) fs.rmSync(folder, { recursive: true });
  return tables;
}

function programs(stage: Stage, { rexad, sshd }: Ports) {
  const { home, user } = stage;
  const ssh = ['ssh', ...sshWords({ ...stage, sshdPort: sshd })];
  const known = ['-o', `UserKnownHostsFile=${home}/.ssh/known_hosts`, '-o', 'StrictHostKeyChecking=no'];
  const scp = ['scp', '-F', 'none', '-q', ...known, '-i', `${home}/.ssh/id_ed25519`, '-P', String(sshd)];
  const rexa = [REXA, 'cp', '-q', '-r', '--accept-new'];
  const to = (into: string): string => `tls://127.0.0.1:${rexad}:${into}/`;
  return {
    rexa: ['rexa cp', (from, into) => [...rexa, from, to(into)]],
    rexaUpdate: ['rexa cp -p --update', (from, into) => [...rexa, '-p', '--update', from, to(into)]],
    scp: ['scp -r', (from, into) => [...scp, '-r', from, `${user}@127.0.0.1:${into}/`]],
    rsync: ['rsync -a', (from, into) => ['rsync', '-a', '-e', ssh.join(' '), from, `127.0.0.1:${into}/`]],
    rsyncWhole: [
      'rsync -W',
      (from, into) => ['rsync', '-W', '-e', ssh.join(' '), from, `127.0.0.1:${into}/`],
    ],
    tar: [
      'tar | ssh tar',
      (from, into) => [
        'sh',
        '-c',
        `tar c -C ${path.dirname(from)} ${path.basename(from)} | ${ssh.join(' ')} 127.0.0.1 tar x -C ${into}`,
      ],
    ],
  } as const satisfies Record<string, Program>;
}

/**
 * Copies into a new folder. Trees are removed after all measurements: for some minutes ext4 does not reuse the inodes of
 * deleted files, and skips them one by one for each file that it creates, which takes ten times as long as the copy. A large
 * file is removed before the next one, which would wait for the disk otherwise.
 */
function raceInto(
  title: string,
  { home }: Stage,
  data: string,
  name: string,
  contestants: readonly Program[],
): Promise<Table> {
  const from = path.join(data, name);
  const isTree = fs.statSync(from).isDirectory();
  const all = path.join(home, 'into');
  let into = '';
  return raceTable(
    contestants.map(
      ([program, copy]): Contestant => ({
        name: program,
        async prepare() {
          if (!isTree && into !== '') fs.rmSync(into, { recursive: true });
          fs.mkdirSync(all, { recursive: true });
          into = fs.mkdtempSync(path.join(all, `${name}-`));
        },
        once: () => call(copy(from, into)),
      }),
    ),
    ROUNDS,
    { title, unit: 'ms', better: 'less' },
  );
}

/** Copies a tree once more, of which a hundredth was changed. The first copies are the round that is not counted. */
async function raceAgain({ home }: Stage, data: string, contestants: readonly Program[]): Promise<Table> {
  const tree = path.join(data, 'many');
  const paths = makeTree(tree, MANY_FILES);
  const changed = paths.filter((_, index) => index % CHANGED === 0);
  const table = await raceTable(
    contestants.map(([name, copy], index): Contestant => {
      const into = path.join(home, `again-${index}`);
      return {
        name,
        async prepare() {
          fs.mkdirSync(into, { recursive: true });
          for (const each of changed) fs.writeFileSync(each, randomFillSync(Buffer.alloc(FILE_BYTES)));
        },
        once: () => call(copy(tree, into)),
      };
    }),
    ROUNDS,
    { title: '100,000 files of which 1% has changed, 100 ms away', unit: 'ms', better: 'less' },
  );
  for (const index of contestants.keys())
    fs.rmSync(path.join(home, `again-${index}`), { recursive: true, force: true });
  return table;
}

async function call([program = '', ...words]: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}`);
}

/** Random bytes: nothing that is compressed on the way gets smaller. */
function writeLarge(file: string): void {
  const descriptor = fs.openSync(file, 'w');
  const block = Buffer.alloc(16 * MIB);
  for (let count = 0; count < 64; count++) fs.writeSync(descriptor, randomFillSync(block));
  fs.closeSync(descriptor);
}

/** @returns the paths of the files */
function makeTree(folder: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const within = path.join(folder, String(Math.floor(index / FILES_PER_FOLDER)));
    if (index % FILES_PER_FOLDER === 0) fs.mkdirSync(within, { recursive: true });
    const file = path.join(within, String(index));
    fs.writeFileSync(file, randomFillSync(Buffer.alloc(FILE_BYTES)));
    return file;
  });
}
