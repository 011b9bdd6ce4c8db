import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeTable } from '../docs/table.ts';
import { drawChart } from './chart.ts';
import { formatFigure, type Row, type Table } from './figures.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGE = path.join(ROOT, 'docs/benchmarks.md');
const CHARTS = path.join(ROOT, 'docs/benchmarks');
const RECORD = path.join(ROOT, 'docs/benchmarks.json');
const README = path.join(ROOT, 'README.md');
/** What a script has written in a page stands between these. */
const MARKS = ['<!-- figures -->\n', '<!-- end of figures -->'] as const;

/** What was measured, and in which circumstances. */
export interface Report {
  readonly startedAt: Date;
  readonly tables: readonly Table[];
  readonly limitation: string | null;
  /** The load average of the minute before the first measurement. */
  readonly load: number;
}

/** Tells why figures that are measured now would not be worth recording; null: nothing stands in their way. */
export function describeBusyMachine(load: number, cpus = os.availableParallelism()): string | null {
  if (load <= cpus) return null;
  return `the load average is ${load.toFixed(1)} on ${cpus} CPUs: docs/benchmarks.md is not written while other programs run`;
}

/** Writes the figures into docs/benchmarks.md and README, with a chart of each table, and the record for `bench:check`. */
export function writePage(report: Report): void {
  const charts = report.tables.map((table) => ({ table, name: `${slugOf(table)}.svg` }));
  fs.rmSync(CHARTS, { recursive: true, force: true });
  fs.mkdirSync(CHARTS);
  for (const { table, name } of charts) fs.writeFileSync(path.join(CHARTS, name), drawChart(table));
  const sections = charts.map(({ table, name }) => [
    `### ${table.title}`,
    '',
    tableOf(table),
    '',
    `![${table.title}](benchmarks/${name})`,
    '',
  ]);
  replaceFigures(PAGE, [...describeReport(report), '', ...sections.flat()]);
  replaceFigures(README, ['', ...summarize(report), '']);
  const ratios = report.tables.map((table) => [
    table.title,
    {
      better: table.better,
      ratios: Object.fromEntries(oursOf(table).map(({ name, ratio }) => [name, round(ratio)])),
    },
  ]);
  fs.writeFileSync(RECORD, `${JSON.stringify(Object.fromEntries(ratios), null, 2)}\n`);
}

/** The share by which a ratio may be worse than the recorded one: medians of two runs on one machine differ by less. */
const TOLERANCE = 0.3;

type Recorded = Readonly<
  Record<string, { readonly better: Table['better']; readonly ratios: Readonly<Record<string, number>> }>
>;

/** Reads what the last run that wrote the page has recorded. */
export function readRecorded(): Recorded {
  return JSON.parse(fs.readFileSync(RECORD, 'utf8')) as Recorded;
}

/**
 * Compares ratios with recorded ones.
 * @returns a line for each that is worse by more than TOLERANCE, and for each that was not recorded
 */
export function findWorse(tables: readonly Table[], recorded: Recorded): string[] {
  return tables.flatMap((table) =>
    oursOf(table).flatMap(({ name, ratio }) => {
      const before = recorded[table.title]?.ratios[name];
      if (before === undefined) return [`${table.title}: ${name}: not recorded; npm run bench records it`];
      const change = table.better === 'less' ? ratio / before : before / ratio;
      if (change <= 1 + TOLERANCE) return [];
      return [`${table.title}: ${name}: ×${ratio.toFixed(2)}, recorded ×${before.toFixed(2)}`];
    }),
  );
}

function oursOf({ rows }: Table): Row[] {
  return rows.slice(0, -1).filter(({ name }) => name.startsWith('rexa'));
}

function describeReport({ startedAt, limitation, load }: Report): string[] {
  const [cpu] = os.cpus();
  const minutes = Math.ceil((Date.now() - startedAt.getTime()) / 60_000);
  return [
    `- Measured on ${startedAt.toISOString().slice(0, 10)} by \`npm run bench\`, which took ${minutes} minutes`,
    `- Machine: ${os.cpus().length} × ${cpu?.model.trim()}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, ${os.type()} ${os.release()}; load average at the start ${load.toFixed(1)}`,
    `- Versions: Node ${process.versions.node}, ${versionOf('ssh', ['-V'])}, ssh2 ${versionOfPackage('ssh2')}, rexa ${versionOfPackage('.')}`,
    `- Account: ${limitation ?? 'rexad, its client and sshd run commands as the same ordinary account, with an empty home and /bin/sh'}`,
  ];
}

function versionOf(program: string, args: readonly string[]): string {
  const { stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return stderr?.split(',')[0]?.trim() ?? `no ${program}`;
}

function versionOfPackage(name: string): string {
  const file = name === '.' ? 'package.json' : `node_modules/${name}/package.json`;
  return (JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8')) as { version: string }).version;
}

function tableOf({ unit, rows, better }: Table): string {
  const head = [`${better} is better`, unit, 'four of five are between', 'beside the last'];
  const figures = rows.map(({ name, median, low, high, ratio }) => [
    name,
    formatFigure(median),
    `${formatFigure(low)} and ${formatFigure(high)}`,
    ratio.toFixed(2),
  ]);
  return makeTable(head, figures, 3);
}

/** What README quotes: our rows beside ssh, and beside ssh2, the library, which also talks to sshd. */
function summarize({ startedAt, tables }: Report): string[] {
  const rivals = tables.filter(({ rows }) => rows.at(-1)?.name.startsWith('ssh'));
  const rows = rivals.flatMap((table) =>
    oursOf(table).map(({ name, ratio }) => [
      table.title,
      name.replace(/^rexa,? ?/, ''),
      table.rows.at(-1)?.name ?? '',
      `${ratio.toFixed(2)} ${table.better === 'less' ? '(time)' : '(rate)'}`,
    ]),
  );
  return [
    `Compared with OpenSSH (\`ssh\`) and the library ssh2, both to sshd, ${startedAt.toISOString().slice(0, 10)};`,
    'less than 1 is better for a time, more than 1 for a rate:',
    '',
    makeTable(['', 'rexa', 'beside', 'ratio'], rows, 1),
  ];
}

function replaceFigures(file: string, lines: readonly string[]): void {
  const text = fs.readFileSync(file, 'utf8');
  const [begin, end] = MARKS;
  const [before, rest] = cut(text, begin, file);
  const [, after] = cut(rest, end, file);
  fs.writeFileSync(file, `${before}${begin}${lines.join('\n')}${end}${after}`);
}

function cut(text: string, mark: string, file: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at === -1) throw new Error(`${file} has no ${mark.trim()}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function slugOf({ title }: Table): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

const round = (ratio: number): number => Math.round(ratio * 1000) / 1000;
