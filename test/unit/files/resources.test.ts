import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MAX_KEPT_NAME_CHARACTERS, MAX_WAITING_ANSWER_BYTES } from '../../../src/files/limits.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import {
  FINISH,
  feed,
  folder,
  LEAVE,
  longFile,
  openReceiver,
  type RawRecord,
  readAnswers,
  writeRecords,
} from '../../fixtures/files-peer.ts';

/** What a symlink has beside its id and name. */
const NAMELESS = { mode: 0o777, mtime: '0', uid: 0, gid: 0, target: 'x' };

const DATA = Buffer.alloc(200_000, 'x');

function countDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Reads from a FIFO what is in it. */
function readSome(reader: number, bytes: number): number {
  try {
    return readSync(reader, Buffer.alloc(bytes));
  } catch {
    return 0;
  }
}

/** A destination with incomplete files of earlier transfers. */
function makePartials(count: number, bytes: number): string {
  const target = join(makeFilesFolder(), 'target');
  mkdirSync(target);
  for (let n = 0; n < count; n++)
    writeFileSync(join(target, `.f${n}.rexa-part`), Buffer.alloc(bytes, 'p'), { mode: 0o600 });
  return target;
}

function ask(id: number): RawRecord {
  return longFile(id, `f${id}`, { ask: true });
}

describe('a receiver', () => {
  it('has closed a file that is broken before it takes what follows', async () => {
    const target = makePartials(0, 0);
    const receiver = await openReceiver({ target });
    await receiver.receive(writeRecords([folder(0, 'd')]));
    const before = countDescriptors();
    const broken: RawRecord = [{ type: 'broken', again: false, code: 'EIO', message: 'no' }];
    const data = Array.from({ length: 14 }, (): RawRecord => [null, DATA]);
    for (let id = 1; id < 20; id++)
      await receiver.receive(writeRecords([longFile(id, `f${id}`), ...data, broken]));
    expect(countDescriptors()).toBe(before);
    await receiver.close();
  });

  it('that is closed while a FIFO is full writes nothing into the file that is opened next', async () => {
    const outer = makeFilesFolder();
    const fifo = join(outer, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const receiver = await openReceiver({ target: fifo });
    const received = Promise.resolve(receiver.receive(writeRecords([longFile(0, 'f'), [null, DATA]])));
    while (readSome(reader, 1) === 0) await nextTurn();
    const before = countDescriptors();
    await receiver.close();
    const next = openSync(join(outer, 'next'), 'w');
    let isOver = false;
    void received.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await nextTurn();
      readSome(reader, 65_536);
    }
    expect(fstatSync(next).size).toBe(0);
    expect(countDescriptors()).toBe(before);
    closeSync(next);
    closeSync(reader);
  });

  it('that asks for files with incomplete ones keeps none of them open', async () => {
    const target = makePartials(50, 1000);
    const receiver = await openReceiver({ target, resumes: true });
    const before = countDescriptors();
    await receiver.receive(writeRecords(Array.from({ length: 50 }, (_, id) => ask(id))));
    expect(readAnswers(receiver.produce())).toHaveLength(50);
    expect(countDescriptors()).toBe(before);
    await receiver.close();
  });

  it('that is closed while it hashes an incomplete file leaves it to the next one', async () => {
    const target = makePartials(1, 40_000_000);
    const before = countDescriptors();
    const receiver = await openReceiver({ target, resumes: true });
    const received = receiver.receive(writeRecords([ask(0)]));
    await receiver.close();
    await received;
    expect(countDescriptors()).toBe(before);
    const next = await openReceiver({ target, resumes: true });
    await next.receive(writeRecords([ask(0)]));
    expect(readAnswers(next.produce())).toMatchObject([{ type: 'want', have: { length: 5 } }]);
    await next.close();
  });

  it('whose answers are not taken reads no more, and answers all of it later', async () => {
    const target = join(makeFilesFolder(), 'target');
    mkdirSync(target);
    const receiver = await openReceiver({ target });
    const message = 'm'.repeat(4000);
    const records = Array.from(
      { length: 3000 },
      (_, id): RawRecord => [{ type: 'unreadable', id, name: 'x', code: 'EIO', message }],
    );
    let isOver = false;
    const received = Promise.resolve(receiver.receive(writeRecords([...records, FINISH]))).finally(() => {
      isOver = true;
    });
    let failed = 0;
    const most: number[] = [];
    while (!isOver || most.at(-1) !== 0) {
      await nextTurn();
      const pieces = receiver.produce();
      most.push(pieces.reduce((sum, { length }) => sum + length, 0));
      for (const answer of readAnswers(pieces)) if (answer.type === 'results') failed += answer.failed.length;
    }
    await received;
    expect(failed).toBe(3000);
    expect(Math.max(...most)).toBeLessThan(MAX_WAITING_ANSWER_BYTES + 100_000);
    await receiver.close();
  });

  it('that is closed while its answers wait ends', async () => {
    const target = join(makeFilesFolder(), 'target');
    mkdirSync(target);
    const receiver = await openReceiver({ target });
    const message = 'm'.repeat(4000);
    const records = Array.from(
      { length: 1000 },
      (_, id): RawRecord => [{ type: 'unreadable', id, name: 'x', code: 'EIO', message }],
    );
    const received = receiver.receive(writeRecords(records));
    await nextTurn();
    await receiver.close();
    await received;
    expect(receiver.state).toBe('done');
  });

  it('that is closed while it removes what the source lacks removes nothing more', async () => {
    const target = join(makeFilesFolder(), 'target');
    mkdirSync(join(target, 'd'), { recursive: true });
    for (let n = 0; n < 100; n++) writeFileSync(join(target, 'd', String(n)), '');
    const receiver = await openReceiver({ target, deletes: true });
    await receiver.receive(writeRecords([folder(0, 'd')]));
    const received = receiver.receive(writeRecords([LEAVE]));
    await receiver.close();
    await received;
    expect(readdirSync(join(target, 'd'))).toHaveLength(100);
  });

  it('that gets a hole of 2^53 bytes for a stream refuses what was not announced', async () => {
    const receiver = await openReceiver({ target: '/dev/null' });
    const records = [longFile(0, 'f', { size: 1000 }), [{ type: 'hole', bytes: 2 ** 53 - 1 }] as const];
    expect((await feed(receiver, writeRecords(records))).failed).toEqual({ 0: 'EFBIG' });
  });

  it('that removes what the source lacks removes nothing from a folder with more names than it keeps', async () => {
    const target = join(makeFilesFolder(), 'target');
    mkdirSync(join(target, 'd'), { recursive: true });
    mkdirSync(join(target, 'e'));
    writeFileSync(join(target, 'd/kept'), '');
    writeFileSync(join(target, 'e/gone'), '');
    const receiver = await openReceiver({ target, deletes: true });
    const long = 'n'.repeat(4096);
    const count = MAX_KEPT_NAME_CHARACTERS / long.length + 1;
    const records = Array.from(
      { length: count },
      (_, id): RawRecord => [{ type: 'link', ...NAMELESS, id: id + 1, name: `${id}${long}`.slice(0, 4096) }],
    );
    await receiver.receive(writeRecords([folder(0, 'd'), ...records, LEAVE]));
    await receiver.receive(writeRecords([folder(count + 1, 'e'), LEAVE, FINISH]));
    const answers = readAnswers(receiver.produce());
    expect(answers.filter(({ type }) => type === 'trouble')).toMatchObject([{ code: 'E2BIG' }]);
    expect([readdirSync(join(target, 'd')), readdirSync(join(target, 'e'))]).toEqual([['kept'], []]);
    await receiver.close();
  });

  it('that gets an announced hole of 2^53 bytes for a stream ends when it is closed', async () => {
    const receiver = await openReceiver({ target: '/dev/null' });
    const size = 2 ** 53 - 1;
    const received = receiver.receive(
      writeRecords([longFile(0, 'f', { size }), [{ type: 'hole', bytes: size }]]),
    );
    await nextTurn();
    await receiver.close();
    await received;
    expect((await feed(receiver, Buffer.alloc(0))).isFinished).toBe(false);
  });
});
