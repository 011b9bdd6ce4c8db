import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createStreamSender } from '../../../src/files/send/stream-sender.ts';
import type { TransferEnd } from '../../../src/files/transfer-end.ts';
import { createTransferWatch } from '../../../src/files/watch.ts';
import { codeOfAsync } from '../../fixtures/auth/fixtures.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import {
  end,
  FINISH,
  file,
  folder,
  LEAVE,
  longFile,
  openSender,
  type RawRecord,
  readSentRecords,
  writeRecords,
} from '../../fixtures/files-peer.ts';

const HASH = '0'.repeat(64);
const results = (more: object): RawRecord => [
  { type: 'results', done: [], unchanged: [], failed: [], ...more },
];

/** A few bytes may hold very many answers, which are handled without a pause. */
const WANTS = writeRecords(Array.from({ length: 10_000 }, () => [{ type: 'want', id: 9, have: [] }]));
const PACKED: RawRecord = [{ type: 'packed', bytes: WANTS.length }, zstdCompressSync(WANTS)];

function makeSource(): string {
  const outer = makeFilesFolder();
  mkdirSync(join(outer, 'src'));
  writeFileSync(join(outer, 'secret'), 'secret');
  writeFileSync(join(outer, 'src/f'), Buffer.alloc(100_000, 'f'));
  symlinkSync('../secret', join(outer, 'src/link'));
  return outer;
}

/** Lets a sender work until it waits. */
function produceAll(sender: TransferEnd): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  while (sender.state === 'busy') pieces.push(...sender.produce());
  return pieces;
}

describe('a sender whose receiver answers', () => {
  it.each<[string, RawRecord]>([
    ['a record of an unknown type', [{ type: 'exec' }]],
    ['a list', [[1]]],
    ['text', ['x']],
    ['results without ranges', [{ type: 'results' }]],
    ['a range of one number', results({ done: [[1]] })],
    ['a negative id', results({ done: [[-1, 0]] })],
    ['results of entries that there are none of', results({ done: [[0, 2 ** 53 - 1]] })],
    ['results of an entry that was not sent', results({ failed: [{ id: 99, code: 'EIO', message: '' }] })],
    ['a code in lower case', results({ failed: [{ id: 0, code: 'enoent', message: '' }] })],
    [
      'a message of 5,000 characters',
      results({ failed: [{ id: 0, code: 'EIO', message: 'x'.repeat(5000) }] }),
    ],
    ['a want without an id', [{ type: 'want', have: [] }]],
    [
      'a want of 1,025 hashes',
      [{ type: 'want', id: 0, have: Array.from({ length: 1025 }, () => [1, HASH]) }],
    ],
    ['a want of a hash that is none', [{ type: 'want', id: 0, have: [[1, 'x']] }]],
    ['packed answers', PACKED],
    ['a want of a negative length', [{ type: 'want', id: 0, have: [[-1, HASH]] }]],
  ])('%s: breaks off', async (_, record) => {
    const sender = await openSender({ sources: [join(makeSource(), 'src')] });
    expect(await codeOfAsync(async () => sender.receive(writeRecords([record])))).toBe('FILES_PROTOCOL');
    await sender.close();
  });

  it.each<[string, readonly RawRecord[]]>([
    [
      'a want of a file that was not asked about',
      [[{ type: 'want', id: 0, have: [] }], [{ type: 'want', id: 99, have: [] }]],
    ],
    [
      'deleted files and troubles',
      [[{ type: 'deleted', path: '/' }], [{ type: 'trouble', path: '/', code: 'EIO', message: '' }]],
    ],
  ])('%s: sends nothing else than what was asked of it', async (_, records) => {
    const sender = await openSender({ sources: [join(makeSource(), 'src')] });
    await sender.receive(writeRecords(records));
    const pieces = produceAll(sender);
    await sender.close();
    const names = readSentRecords(pieces).flatMap((sent) => ('name' in sent ? [sent.name] : []));
    expect(names.toSorted()).toEqual(['f', 'link', 'src']);
    expect(Buffer.concat(pieces).includes('secret\0')).toBe(false);
  });

  it('that it has more of a file than there is: sends the whole file', async () => {
    const sender = await openSender({ sources: [join(makeSource(), 'src/f')], asks: true });
    produceAll(sender);
    const have = [
      [1, HASH],
      [10 ** 12, HASH],
    ];
    await sender.receive(writeRecords([[{ type: 'want', id: 0, have }]]));
    expect(readSentRecords(produceAll(sender))).toContainEqual({ type: 'content', id: 0, from: 0 });
    await sender.close();
  });

  it('an entry twice: breaks off', async () => {
    const sender = await openSender({ sources: [join(makeSource(), 'src')] });
    produceAll(sender);
    const twice = [results({ done: [[0, 1]] }), results({ unchanged: [[1, 1]] })];
    expect(await codeOfAsync(async () => sender.receive(writeRecords(twice)))).toBe('FILES_PROTOCOL');
    await sender.close();
  });

  it('that it wants a file, again and again: sends it once', async () => {
    const sender = await openSender({ sources: [join(makeSource(), 'src/f')], asks: true });
    const sent = [...produceAll(sender)];
    const wants = Array.from({ length: 1000 }, (): RawRecord => [{ type: 'want', id: 0, have: [] }]);
    await sender.receive(writeRecords(wants));
    sent.push(...produceAll(sender));
    await sender.close();
    const types = readSentRecords(sent).map(({ type }) => type);
    expect(types).toEqual(['file', 'content', 'end', 'finish']);
  });

  it('that it has more than 65,536 hashes: breaks off', async () => {
    const source = makeFilesFolder();
    for (let n = 0; n < 80; n++) writeFileSync(join(source, String(n)), '');
    const sender = await openSender({ sources: [source], asks: true });
    produceAll(sender);
    const have = Array.from({ length: 1000 }, (_, n) => [n + 1, HASH]);
    const wants = Array.from({ length: 80 }, (_, n): RawRecord => [{ type: 'want', id: n + 1, have }]);
    const code = await codeOfAsync(async () => {
      for (const want of wants) await sender.receive(writeRecords([want]));
    });
    expect(code).toBe('FILES_PROTOCOL');
    await sender.close();
  });

  it('nothing: stops after 16,384 entries', async () => {
    const outer = makeFilesFolder();
    // An entry without a file of its own is made in a tenth of the time
    for (let n = 0; n < 17_000; n++) symlinkSync('elsewhere', join(outer, String(n)));
    const sender = await openSender({ sources: [outer] });
    expect(readSentRecords(produceAll(sender)).length).toBe(16_384);
    await sender.close();
  });
});

describe('a sender for a principal that may read a folder', () => {
  it.each<[path: string, code: string | null]>([
    ['src/f', null],
    ['src', null],
    ['src/.', null],
    ['secret', 'EACCES'],
    ['src/../secret', 'EACCES'],
    ['src/up/secret', 'ENOTDIR'],
    ['src/missing', 'ENOENT'],
  ])('%s: %o', async (path, code) => {
    const outer = makeSource();
    symlinkSync('..', join(outer, 'src/up'));
    const sender = await openSender({ sources: [`${outer}/${path}`], confinedTo: join(outer, 'src') });
    const pieces = produceAll(sender);
    await sender.close();
    const failures = readSentRecords(pieces).flatMap((sent) =>
      sent.type === 'unreadable' ? [sent.code] : [],
    );
    expect(failures).toEqual(code === null ? [] : [code]);
  });

  it('src/link: sends the symlink, not what it leads to', async () => {
    const outer = makeSource();
    const sender = await openSender({
      sources: [`${outer}/src/link`],
      confinedTo: join(outer, 'src'),
      isRecursive: false,
    });
    expect(readSentRecords(produceAll(sender))[0]).toMatchObject({ type: 'link', target: '../secret' });
    await sender.close();
  });
});

describe('a sender of a stream', () => {
  it('refuses packed answers', async () => {
    const sender = createStreamSender(Readable.from([]), 'f', true);
    expect(await codeOfAsync(async () => sender.receive(writeRecords([PACKED])))).toBe('FILES_PROTOCOL');
    await sender.close();
  });
});

describe('a watch of two other ends', () => {
  it.each<[string, sent: readonly RawRecord[], answered: readonly RawRecord[]]>([
    ['a result of no entry', [], [results({ done: [[0, 0]] })]],
    [
      'a result of an entry that has one',
      [file(0, 'f')],
      [results({ done: [[0, 0]] }), results({ done: [[0, 0]] })],
    ],
    ['results of 2^53 entries', [file(0, 'f')], [results({ unchanged: [[0, 2 ** 53 - 1]] })]],
    ['an id twice', [longFile(0, 'f'), end(''), longFile(0, 'g')], []],
    ['4,098 folders inside each other', Array.from({ length: 4098 }, (_, id) => folder(id, 'd')), []],
    ['a record of the wrong side', [results({})], []],
    ['an answer of the wrong side', [], [file(0, 'f')]],
    ['packed answers', [], [PACKED]],
  ])('with %s breaks off', async (_, sent, answered) => {
    const watch = createTransferWatch(() => undefined);
    const bytes = [writeRecords(sent), writeRecords(answered)] as const;
    expect(
      await codeOfAsync(async () => {
        await watch.sent(bytes[0]);
        await watch.answered(bytes[1]);
      }),
    ).toBe('FILES_PROTOCOL');
  });

  it('counts files, bytes and failures, with the paths of their folders', async () => {
    const lines: string[] = [];
    const watch = createTransferWatch(({ path, status, size }) => lines.push(`${status} ${path} ${size}`));
    await watch.sent(
      writeRecords([
        folder(0, 'd'),
        file(1, 'f', 'abc'),
        LEAVE,
        longFile(2, 'g', { size: 2 }),
        [null, 'xy'],
        end('xy'),
        FINISH,
      ]),
    );
    void watch.answered(
      writeRecords([
        results({ done: [[0, 1]], failed: [{ id: 2, code: 'ENOSPC', message: 'full' }] }),
        [{ type: 'finished' }],
      ]),
    );
    expect(lines).toEqual(['copied d null', 'copied d/f 3', 'failed g 2']);
    expect(watch.counts).toMatchObject({ copied: 1, failed: 1, bytes: 5, knownBytes: 5, isFinished: true });
  });
});
