import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { chooseEncoding } from '../../src/transcode/choose-encoding.ts';
import { createStreamDecoder } from '../../src/transcode/stream-decoder.ts';
import { type Contestant, raceTable, type Table } from './figures.ts';

/** What a reader of a pipe gives at once. */
const CHUNK_BYTES = 256 * 1024;
const INPUT_BYTES = 8 * 1024 * 1024;
const ROUNDS = 7;

const CHINESE =
  '人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。人人有资格享有本宣言所载的一切权利和自由，不分种族、肤色、性别、语言、宗教、政治或其他见解。\n';
const LISTING =
  '-rw-r--r-- 1 root root  4096 11月 20 13:51 文件列表.txt\n错误: 无法打开 /tmp/日志/2024.log: 没有那个文件或目录\n';
const RUSSIAN = 'Все люди рождаются свободными и равными в своём достоинстве и правах.\n';
const JAPANESE = 'すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。\n';
const ASCII = 'drwxr-xr-x 2 root root 4096 Nov 20 13:51 node_modules/iconv-lite/encodings/tables\n';

/** A text, its encoding, and what it is called elsewhere: by WHATWG and by iconv(1). */
interface Case {
  readonly what: string;
  readonly text: string;
  readonly name: string;
  readonly label?: string;
  readonly option?: string;
}

const CASES: readonly Case[] = [
  { what: 'ASCII', text: ASCII, name: 'gbk' },
  { what: 'Chinese', text: CHINESE, name: 'gbk' },
  { what: 'Chinese', text: CHINESE, name: 'gbk', option: 'auto' },
  { what: 'Chinese', text: CHINESE, name: 'gb18030' },
  { what: 'a listing', text: LISTING, name: 'gbk' },
  { what: 'ASCII but for one in 8,000', text: `${ASCII.repeat(100)}中`, name: 'gbk' },
  { what: 'characters of four bytes', text: '𠀀ཀ𪚥', name: 'gb18030' },
  { what: 'Japanese', text: JAPANESE, name: 'shiftjis', label: 'shift_jis' },
  { what: 'Japanese', text: JAPANESE, name: 'eucjp', label: 'euc-jp' },
  { what: 'Russian', text: RUSSIAN, name: 'cp866', label: 'ibm866' },
  { what: 'Chinese', text: CHINESE, name: 'utf-16le' },
];

/** Bytes of an encoding to bytes of UTF-8, in megabytes of input a second: ours beside three others. */
export async function measure(): Promise<Table[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-bench-'));
  const tables: Table[] = [];
  try {
    for (const one of CASES) tables.push(await measureCase(one, join(folder, 'input')));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return tables;
}

async function measureCase(
  { what, text, name, label = name, option = name }: Case,
  file: string,
): Promise<Table> {
  const bytes = iconv.encode(text, name);
  const input = Buffer.alloc(INPUT_BYTES - (INPUT_BYTES % bytes.length), bytes);
  writeFileSync(file, input);
  const pieces = Array.from({ length: Math.ceil(input.length / CHUNK_BYTES) }, (_, index) =>
    input.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
  const ours = await decodeByOurs(option, name, pieces);
  const theirs = decodeByIconvLite(name, pieces);
  if (digest(ours()) !== digest(theirs())) throw new Error(`${name}: ours differs from iconv-lite`);
  const contestants: Contestant[] = [
    contest('rexa', ours),
    contest('TextDecoder', decodeByTextDecoder(label, pieces)),
    contest('iconv-lite', theirs),
    contest('iconv(1), with its start', () => runIconv(label, file)),
  ];
  return raceTable(contestants, ROUNDS, {
    title: `${what} in ${name}${option === name ? '' : `, ${option}`} to UTF-8`,
    unit: 'MB/s',
    better: 'more',
    figure: (ms) => input.length / 1000 / ms,
  });
}

function contest(name: string, decode: () => unknown): Contestant {
  return { name, once: async () => void decode() };
}

async function decodeByOurs(
  option: string,
  host: string,
  pieces: readonly Buffer[],
): Promise<() => Uint8Array[]> {
  const choice = await chooseEncoding(option, host);
  return () => {
    const decoder = createStreamDecoder(choice, () => 0);
    return [...pieces.map((piece) => decoder.write(piece)), decoder.end()];
  };
}

function decodeByIconvLite(name: string, pieces: readonly Buffer[]): () => Uint8Array[] {
  return () => {
    const decoder = iconv.getDecoder(name, { stripBOM: false });
    return [...pieces.map((piece) => Buffer.from(decoder.write(piece))), Buffer.from(decoder.end() ?? '')];
  };
}

function decodeByTextDecoder(label: string, pieces: readonly Buffer[]): () => Uint8Array[] {
  return () => {
    const decoder = new TextDecoder(label, { ignoreBOM: true });
    return pieces.map((piece) => Buffer.from(decoder.decode(piece, { stream: true })));
  };
}

function runIconv(label: string, file: string): void {
  const { status } = spawnSync('iconv', ['-f', label, '-t', 'utf-8', file], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`iconv(1) does not know ${label}`);
}

function digest(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
