import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRecording } from '../../../src/process/recording/recording.ts';
import { createRecordingFiles } from '../../../src/process/recording/recording-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-cast-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const header = { columns: 80, rows: 24, term: 'xterm', command: 'sh', title: 'work' };

const begin = (file: string, paint?: () => string) =>
  startRecording({ file, header, handleFailure: () => undefined, ...(paint === undefined ? {} : { paint }) });

const readLines = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('a recording of a terminal', () => {
  it('has output, input, sizes and the exit status, and characters whole', () => {
    const file = join(folder, 'new', 'a.cast');
    const recording = begin(file);
    const text = Buffer.from('中');
    recording.takeOutput(text.subarray(0, 1));
    recording.takeOutput(text.subarray(1));
    recording.takeInput(Buffer.from('k'));
    recording.takeSize({ columns: 100, rows: 30 });
    recording.end(3);
    const [first, ...events] = readLines(file) as [Record<string, unknown>, ...[number, string, string][]];
    expect(first).toMatchObject({
      version: 3,
      term: { cols: 80, rows: 24, type: 'xterm' },
      command: 'sh',
      title: 'work',
    });
    expect(events.map(([, code, data]) => [code, data])).toEqual([
      ['o', '中'],
      ['i', 'k'],
      ['r', '100x30'],
      ['x', '3'],
    ]);
    expect(events.every(([seconds]) => seconds >= 0)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('does not write into a file that exists', () => {
    const file = join(folder, 'a.cast');
    writeFileSync(file, 'mine');
    expect(() => begin(file)).toThrow('cannot record the terminal');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('goes on in a further file, which begins with the screen, and keeps the newest ones', () => {
    const file = join(folder, 'a.cast');
    const recording = begin(file, () => 'the screen');
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let count = 0; count < 70; count++) recording.takeOutput(piece);
    recording.end(null);
    expect(readdirSync(folder).toSorted()).toEqual(['a.1.cast', 'a.cast']);
    expect(statSync(join(folder, 'a.1.cast')).size).toBeLessThan(66 * 1024 * 1024);
    const [first, screen] = readLines(file) as [Record<string, unknown>, [number, string, string]];
    expect([first['version'], screen[1], screen[2]]).toEqual([3, 'o', 'the screen']);
    expect(existsSync(join(folder, 'a.2.cast'))).toBe(false);
  });

  it('begins no further file for its end', () => {
    const recording = begin(join(folder, 'a.cast'), () => 'the screen');
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let count = 0; count < 63; count++) recording.takeOutput(piece);
    recording.takeOutput(piece.subarray(30 * 1024));
    recording.takeOutput(piece.subarray(0, 40 * 1024));
    recording.end(3);
    expect(readdirSync(folder)).toEqual(['a.cast']);
    const text = readFileSync(join(folder, 'a.cast'), 'utf8');
    expect(text.length).toBeGreaterThan(64 * 1024 * 1024);
    expect(text.slice(-20)).toContain('"x","3"]');
  });

  it('leaves no file where nothing was run', () => {
    const file = join(folder, 'a.cast');
    begin(file).discard();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the files of a recording', () => {
  it('take free names, and the oldest is removed', () => {
    writeFileSync(join(folder, 'a.1.cast'), 'of others');
    const files = createRecordingFiles(join(folder, 'a.cast'));
    for (let number = 1; number <= 10; number++) {
      files.begin();
      files.write(Buffer.from(String(number)));
    }
    files.close();
    const found = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
    expect(Object.fromEntries(found)).toEqual({
      'a.1.cast': 'of others',
      'a.4.cast': '3',
      'a.5.cast': '4',
      'a.6.cast': '5',
      'a.7.cast': '6',
      'a.8.cast': '7',
      'a.9.cast': '8',
      'a.10.cast': '9',
      'a.cast': '10',
    });
  });

  it.each(['a.cast', 'a.1.cast'])('are left alone where others have put one in the place of %s', (name) => {
    const files = createRecordingFiles(join(folder, 'a.cast'));
    files.begin();
    files.begin();
    rmSync(join(folder, name));
    writeFileSync(join(folder, name), 'of others');
    if (name === 'a.cast') expect(() => files.begin()).toThrow('EEXIST');
    else for (let count = 0; count < 10; count++) files.begin();
    files.close();
    expect(readFileSync(join(folder, name), 'utf8')).toBe('of others');
  });
});
