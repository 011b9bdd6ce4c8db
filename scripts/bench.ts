/**
 * `npm run bench [NAME...]`: measures rexa beside a rival in the same run, since only ratios travel between machines. Without
 * names it measures what docs/benchmarks.md shows, and writes that page; `--check` compares with what stands there instead.
 *
 * Root makes an ordinary account and an sshd that lets it in (the stage); all else happens in a process of that account, which
 * sends its tables here. Only `path` is measured by root itself, in network namespaces of its own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { formatTable, type Table } from './bench/figures.ts';
import { describeBusyMachine, findWorse, readRecorded, writePage } from './bench/page.ts';
import { findStage, openStage, stageEnvironment } from './bench/stage.ts';

const BENCHES = {
  warm: () => import('./bench/warm.ts'),
  echo: () => import('./bench/echo.ts'),
  cold: () => import('./bench/cold.ts'),
  bulk: () => import('./bench/bulk.ts'),
  files: () => import('./bench/files.ts'),
  forward: () => import('./bench/forward.ts'),
  memory: () => import('./bench/memory.ts'),
  transcode: () => import('./bench/transcode.ts'),
  smoke: () => import('./bench/smoke.ts'),
  scale: () => import('./bench/scale.ts'),
  replay: () => import('./bench/replay.ts'),
  'drop-in': () => import('./bench/drop-in.ts'),
} as const;
type Name = keyof typeof BENCHES;
const PATH = 'path';

/** What the page shows. */
const PAGE: readonly Name[] = [
  'warm',
  'echo',
  'cold',
  'bulk',
  'files',
  'memory',
  'transcode',
  'smoke',
  'scale',
];

const isName = (word: string): word is Name => word in BENCHES;
const words = process.argv.slice(2);
const isCheck = words[0] === '--check';
const isPath = words.includes(PATH);
const unknown = words.filter((word) => word !== '--check' && word !== PATH && !isName(word));
const asked = words.filter(isName);
const names = asked.length > 0 || isPath ? asked : PAGE;

if (unknown.length > 0) {
  process.stderr.write(
    `no such bench: ${unknown.join(', ')}; there are: ${[...Object.keys(BENCHES), PATH].join(', ')}\n`,
  );
  process.exitCode = 2;
} else if (findStage() !== null) {
  for (const name of names)
    for (const table of await (await BENCHES[name]()).measure()) process.send?.(table);
  process.disconnect();
} else {
  const [load = Number.NaN] = loadavg();
  const isRecorded = !isCheck && names === PAGE;
  const obstacle = isRecorded ? describeBusyMachine(load) : null;
  if (obstacle !== null) refuse(obstacle);
  else {
    if (isPath) await reportPath();
    if (names.length > 0) await measureAndReport(load, isRecorded);
  }
}

function refuse(why: string): void {
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
}

async function reportPath(): Promise<void> {
  const { describeObstacle, measure } = await import('./bench/path.ts');
  const obstacle = describeObstacle();
  if (obstacle !== null) return refuse(obstacle);
  for (const table of await measure()) reportTable(table);
}

function reportTable(table: Table): void {
  process.stdout.write(`\n${formatTable(table).join('\n')}\n`);
}

async function measureAndReport(load: number, isRecorded: boolean): Promise<void> {
  const startedAt = new Date();
  const { tables, limitation } = await measureOnStage();
  if (limitation !== null) process.stdout.write(`${limitation}\n`);
  if (isCheck) reportWorse(findWorse(tables, readRecorded()));
  else if (isRecorded) writePage({ startedAt, tables, limitation, load });
}

async function measureOnStage() {
  await using stage = await openStage();
  const { uid, gid, home, limitation } = stage;
  const env = stageEnvironment(stage);
  const child = fork(import.meta.filename, names, { uid, gid, cwd: home, env, detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error('the process that measures did not start');
  // A measurement that is interrupted ends with all that it has started, and then the account goes
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.kill(-pid, 'SIGTERM'));
  const tables: Table[] = [];
  child.on('message', (table: Table) => {
    tables.push(table);
    reportTable(table);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the measurement ended with ${code}`);
  return { tables, limitation };
}

function reportWorse(lines: readonly string[]): void {
  process.stdout.write(
    lines.length === 0 ? '\nno ratio is worse than recorded\n' : `\n${lines.join('\n')}\n`,
  );
  process.exitCode = lines.length === 0 ? 0 : 1;
}
