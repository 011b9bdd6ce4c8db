import { setImmediate as nextTurn } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTransferWatch, type EntryResult } from '../../../src/files/watch.ts';
import {
  end,
  FINISH,
  file,
  folder,
  LEAVE,
  longFile,
  type RawRecord,
  writeRecords,
} from '../../fixtures/files-peer.ts';

const results = (more: object): RawRecord => [
  { type: 'results', done: [], unchanged: [], failed: [], ...more },
];
const failed = (id: number, code: string): object => ({ id, code, message: 'no' });
const broken = (again: boolean, code = 'CHANGED'): RawRecord => [
  { type: 'broken', again, code, message: 'no' },
];
const hole = (bytes: number): RawRecord => [{ type: 'hole', bytes }];

/** Passes records of both ends. @returns the counts, and what was reported */
function watch(sent: readonly RawRecord[], answered: readonly RawRecord[] = []) {
  const found: EntryResult[] = [];
  const watched = createTransferWatch((result) => found.push(result));
  void watched.sent(writeRecords(sent));
  void watched.answered(writeRecords(answered));
  return { counts: watched.counts, goesInto: watched.goesInto, found };
}

describe('a watch of a transfer', () => {
  it.each<[what: string, sent: readonly RawRecord[], answered: readonly RawRecord[], counts: object]>([
    [
      'holes as done, and not as sent',
      [longFile(0, 'f', { size: 1_000_003 }), [null, 'abc'], hole(1_000_000), end('abc')],
      [],
      { bytes: 3, doneBytes: 1_000_003, knownBytes: 1_000_003, unfinishedBytes: 3 },
    ],
    [
      'data that is sent again once',
      [longFile(0, 'f', { size: 5 }), [null, 'abcd'], hole(1), broken(true), [null, 'ABCDE'], end('ABCDE')],
      [results({ done: [[0, 0]] })],
      { bytes: 5, doneBytes: 5, completeBytes: 5, unfinishedBytes: 0 },
    ],
    [
      'what was continued and then sent again as nothing that was there',
      [
        longFile(0, 'f', { size: 5, ask: true }),
        [{ type: 'content', id: 0, from: 3 }],
        [null, 'de'],
        broken(true),
        [null, 'ABCDE'],
        end('ABCDE'),
      ],
      [results({ done: [[0, 0]] })],
      { bytes: 5, reusedBytes: 0, completeBytes: 5, doneBytes: 5 },
    ],
    [
      'what was continued as there and done',
      [
        longFile(0, 'f', { size: 5, ask: true }),
        [{ type: 'content', id: 0, from: 3 }],
        [null, 'de'],
        end('abcde'),
      ],
      [results({ done: [[0, 0]] })],
      { bytes: 2, reusedBytes: 3, completeBytes: 5, doneBytes: 5 },
    ],
    [
      'files that are unchanged, or failed, as done',
      [longFile(0, 'f', { size: 7, ask: true }), longFile(1, 'g', { size: 8, ask: true })],
      [results({ unchanged: [[0, 0]], failed: [failed(1, 'EACCES')] })],
      { bytes: 0, doneBytes: 15, knownBytes: 15, completeBytes: 0, unchanged: 1, failed: 1 },
    ],
  ])('counts %s', (_, sent, answered, counts) => {
    expect(watch(sent, answered).counts).toMatchObject(counts);
  });

  it('knows of each entry its source, its path below it, and the side that failed', () => {
    const { found, counts, goesInto } = watch(
      [
        folder(0, 'tree'),
        file(1, 'f'),
        [{ type: 'unreadable', id: 2, name: 'secret', code: 'EACCES', message: 'no' }],
        folder(3, 'in'),
        longFile(4, 'g'),
        broken(false, 'EIO'),
        LEAVE,
        LEAVE,
        folder(5, '.'),
        longFile(6, 'h'),
        broken(false, 'CANCELED'),
        LEAVE,
        FINISH,
      ],
      [
        results({
          done: [[0, 0]],
          failed: [failed(1, 'ENOSPC'), failed(2, 'EACCES'), failed(4, 'EIO'), failed(6, 'ENOSPC')],
          into: true,
        }),
      ],
    );
    expect(found.map(({ path, side, origin }) => [path, side, origin])).toEqual([
      ['tree', null, { source: 0, name: 'tree', below: '' }],
      ['tree/f', 'destination', { source: 0, name: 'tree', below: 'f' }],
      ['tree/secret', 'source', { source: 0, name: 'tree', below: 'secret' }],
      ['tree/in/g', 'source', { source: 0, name: 'tree', below: 'in/g' }],
      ['h', 'destination', { source: 1, name: '.', below: 'h' }],
    ]);
    expect([counts.hasReadError, goesInto]).toEqual([true, true]);
  });

  it('gives others their turn while a few bytes hold very many records', async () => {
    const records = writeRecords(Array.from({ length: 25_000 }, () => LEAVE));
    const packed: RawRecord = [{ type: 'packed', bytes: records.length }, zstdCompressSync(records)];
    const watched = createTransferWatch(() => undefined);
    let isDone = false;
    let turns = 0;
    const work = Promise.resolve(watched.sent(writeRecords(Array.from({ length: 20 }, () => packed)))).then(
      () => {
        isDone = true;
      },
    );
    for (; !isDone; turns++) await nextTurn();
    await work;
    expect(turns).toBeGreaterThan(5);
  });

  it('reads no further when its transfer is canceled', async () => {
    const controller = new AbortController();
    const watched = createTransferWatch(() => undefined, controller.signal);
    const many = Array.from({ length: 200_000 }, () => LEAVE);
    const work = watched.sent(writeRecords([...many, folder(0, 'd'), folder(0, 'an id twice')]));
    controller.abort();
    await expect(work).resolves.toBe(undefined);
  });

  it('waits for promises of reports', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const watched = createTransferWatch(() => promise);
    await watched.sent(writeRecords([file(0, 'f'), file(1, 'g'), FINISH]));
    const waiting = watched.answered(writeRecords([results({ done: [[0, 1]] })]));
    resolve('reported');
    expect(await waiting).toEqual(['reported', 'reported']);
    expect(watched.answered(writeRecords([[{ type: 'finished' }]]))).toBe(undefined);
  });
});
