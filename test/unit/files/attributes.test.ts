import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileCalls } from '../../../src/files/file-calls.ts';
import type { ReceivePlan } from '../../../src/files/receive/receive-plan.ts';
import type { SendPlan } from '../../../src/files/send/send-plan.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import {
  end,
  FINISH,
  feed,
  file,
  folder,
  hardlink,
  LEAVE,
  longFile,
  openReceiver,
  openSender,
  type RawRecord,
  writeRecords,
} from '../../fixtures/files-peer.ts';
import { listTree } from '../../fixtures/odd-tree.ts';

/** Copies what is in `src` to `dst` of a folder. @returns codes of what failed */
async function copy(within: string, plans: Partial<SendPlan & ReceivePlan> = {}): Promise<readonly string[]> {
  mkdirSync(join(within, 'dst'), { recursive: true });
  const from = await openSender({ sources: [`${within}/src/.`], ...plans });
  const to = await openReceiver({ target: join(within, 'dst'), ...plans });
  const answered: Buffer[] = [];
  while (from.state !== 'done' || to.state !== 'done') {
    for (const piece of from.produce()) await to.receive(piece);
    for (const piece of to.produce()) {
      answered.push(Buffer.from(piece));
      await from.receive(piece);
    }
  }
  await from.close();
  await to.close();
  return [
    ...Buffer.concat(answered)
      .toString('latin1')
      .matchAll(/"code":"(\w+)"/g),
  ].map(([, code]) => code ?? '');
}

function makeSource(): string {
  const within = makeFilesFolder();
  mkdirSync(join(within, 'src'));
  return within;
}

const RESUME = { asks: true, resumes: true };

describe('a copy', () => {
  it('of a file whose name is that of an incomplete file: keeps both', async () => {
    const within = makeSource();
    writeFileSync(join(within, 'src/.a.rexa-part'), Buffer.alloc(100_000, 'p'), { mode: 0o600 });
    writeFileSync(join(within, 'src/a'), Buffer.alloc(100_001, 'a'));
    for (const plans of [RESUME, {}, RESUME, { asks: true, comparesTimes: true, keepsAttributes: true }]) {
      expect(await copy(within, plans)).toEqual([]);
      expect(listTree(join(within, 'dst'))).toEqual(listTree(join(within, 'src')));
    }
  });

  it('of 2,500 folders inside each other: copies all of them', async () => {
    const within = makeSource();
    const program =
      "for (let n = 0; n < 2500; n++) { fs.mkdirSync('d'); process.chdir('d'); } fs.writeFileSync('f', '')";
    execFileSync(process.execPath, ['-e', program], { cwd: join(within, 'src') });
    try {
      expect(await copy(within)).toEqual([]);
      const found = execFileSync('find', [join(within, 'dst'), '-name', 'f', '-printf', '%d']);
      expect(found.toString()).toBe('2501');
    } finally {
      execFileSync('rm', ['-rf', join(within, 'src'), join(within, 'dst')]);
    }
  });

  it('with -p: corrects mode and time of files whose data is there', async () => {
    for (const plans of [{ asks: true, hashesFirst: true }, RESUME]) {
      const within = makeSource();
      mkdirSync(join(within, 'dst'));
      for (const side of ['src', 'dst']) writeFileSync(join(within, side, 'f'), 'data');
      chmodSync(join(within, 'src/f'), 0o640);
      utimesSync(join(within, 'src/f'), 1_000_000, 1_000_000);
      const { ino } = statSync(join(within, 'dst/f'));
      expect(await copy(within, { ...plans, keepsAttributes: true })).toEqual([]);
      const found = statSync(join(within, 'dst/f'));
      expect([found.ino, found.mode & 0o777, found.mtimeMs]).toEqual([ino, 0o640, 1_000_000_000]);
    }
  });

  it.each([
    ['--update', { comparesTimes: true }],
    ['--resume', { resumes: true }],
  ])('with -p and %s: sets extended attributes of a file that is there', async (_, how) => {
    const { readAttributes, writeAttribute } = await openFileCalls();
    const within = makeFilesFolder();
    mkdirSync(join(within, 'src'));
    writeFileSync(join(within, 'src/f'), 'same');
    const plans = { keepsAttributes: true, asks: true, ...how };
    await copy(within, plans);
    const source = openSync(join(within, 'src/f'), 'r+');
    const { mtime } = statSync(join(within, 'src/f'));
    writeAttribute?.(source, 'user.a', Buffer.from('new'));
    utimesSync(join(within, 'src/f'), mtime, mtime);
    closeSync(source);
    utimesSync(join(within, 'dst/f'), mtime, mtime);
    expect(await copy(within, plans)).toEqual([]);
    const found = openSync(join(within, 'dst/f'), 'r');
    expect(readAttributes?.(found)).toEqual([['user.a', Buffer.from('new').toString('base64')]]);
    closeSync(found);
  });

  it('with -p and --update: corrects the mode of a file with the same time', async () => {
    const within = makeSource();
    mkdirSync(join(within, 'dst'));
    for (const side of ['src', 'dst']) {
      writeFileSync(join(within, side, 'f'), 'data');
      utimesSync(join(within, side, 'f'), 1_000_000, 1_000_000);
    }
    chmodSync(join(within, 'src/f'), 0o600);
    await copy(within, { asks: true, comparesTimes: true, keepsAttributes: true });
    expect(statSync(join(within, 'dst/f')).mode & 0o777).toBe(0o600);
  });

  it('of a folder with a FIFO of the same name as a file: fails for that file', async () => {
    const within = makeSource();
    mkdirSync(join(within, 'src/in'));
    writeFileSync(join(within, 'src/in/f'), 'data');
    mkdirSync(join(within, 'dst/in'), { recursive: true });
    execFileSync('mkfifo', [join(within, 'dst/in/f')]);
    expect(await copy(within)).toEqual(['EEXIST']);
    expect(lstatSync(join(within, 'dst/in/f')).isFIFO()).toBe(true);
    expect(readdirSync(join(within, 'dst/in'))).toEqual(['f']);
  });

  it('with --delete of a source that is a folder: keeps what an anchored pattern excludes', async () => {
    const within = makeSource();
    mkdirSync(join(within, 'dst/src/cache'), { recursive: true });
    writeFileSync(join(within, 'dst/src/cache/kept.o'), '');
    writeFileSync(join(within, 'dst/src/gone'), '');
    mkdirSync(join(within, 'src/cache'));
    await copy(within, { sources: [join(within, 'src')], deletes: true, exclude: ['cache/*.o'] });
    expect(existsSync(join(within, 'dst/src/cache/kept.o'))).toBe(true);
    expect(existsSync(join(within, 'dst/src/gone'))).toBe(false);
  });
});

async function receive(target: string, records: readonly RawRecord[], plan: Partial<ReceivePlan> = {}) {
  return feed(await openReceiver({ target, ...plan }), writeRecords(records));
}

describe('a receiver', () => {
  it.each([
    ['of one record', file(0, 'fifo', 'data', { size: 4 }), []],
    ['of several', longFile(0, 'fifo'), [[null, 'data'] as RawRecord, end('data')]],
  ] as const)(
    'of a file %s for a folder with a FIFO of its name writes into the FIFO',
    async (_, first, rest) => {
      const target = makeFilesFolder();
      const fifo = join(target, 'fifo');
      execFileSync('mkfifo', [fifo]);
      const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
      expect(await receive(target, [first, ...rest, FINISH])).toMatchObject({ failed: {}, isFinished: true });
      const into = Buffer.alloc(10);
      expect(into.toString('latin1', 0, readSync(reader, into))).toBe('data');
      expect(lstatSync(fifo).isFIFO()).toBe(true);
      closeSync(reader);
    },
  );

  it('of a file that fails makes no hard link to what was there', async () => {
    const target = makeFilesFolder();
    writeFileSync(join(target, 'a'), 'OLD');
    const bad = file(0, 'a', 'new', { shared: true, sha256: '0'.repeat(64) });
    const { failed } = await receive(target, [bad, hardlink(1, 'b', 0), FINISH]);
    expect(failed).toEqual({ 0: 'MISMATCH', 1: 'ENOENT' });
    expect(existsSync(join(target, 'b'))).toBe(false);
  });

  it('makes no hard link to a file that has replaced the one that it received', async () => {
    const target = makeFilesFolder();
    const receiver = await openReceiver({ target });
    await receiver.receive(writeRecords([file(0, 'a', 'new', { shared: true })]));
    // Its inode stays in use
    linkSync(join(target, 'a'), join(target, 'kept'));
    writeFileSync(join(target, 'other'), 'OTHER');
    execFileSync('mv', [join(target, 'other'), join(target, 'a')]);
    expect((await feed(receiver, writeRecords([hardlink(1, 'b', 0), FINISH]))).failed).toEqual({
      1: 'ESTALE',
    });
  });

  it('whose incomplete file is replaced puts nothing else under the name', async () => {
    const target = makeFilesFolder();
    const receiver = await openReceiver({ target });
    await receiver.receive(writeRecords([longFile(0, 'a'), [null, 'data']]));
    writeFileSync(join(target, 'other'), 'OTHER');
    execFileSync('mv', [join(target, 'other'), join(target, '.a.rexa-part')]);
    expect((await feed(receiver, writeRecords([end('data'), FINISH]))).failed).toEqual({ 0: 'ESTALE' });
    expect(existsSync(join(target, 'a'))).toBe(false);
  });

  it('that ends while files of a folder that was left are missing gives that folder its mode', async () => {
    const target = makeFilesFolder();
    const receiver = await openReceiver({ target, resumes: true, keepsAttributes: true });
    const records = [folder(0, 'd', { mode: 0o755 }), longFile(1, 'f', { ask: true }), LEAVE];
    await receiver.receive(writeRecords(records));
    await receiver.close();
    expect(statSync(join(target, 'd')).mode & 0o777).toBe(0o755);
  });

  it('with -p gives the destination the mode of SRC/. while a file of another source is to come', async () => {
    const target = join(makeFilesFolder(), 'target');
    mkdirSync(target);
    const receiver = await openReceiver({ target, keepsAttributes: true });
    const records = [longFile(0, 'f', { ask: true }), folder(1, '.', { mode: 0o711 }), LEAVE];
    await receiver.receive(writeRecords(records));
    expect(statSync(target).mode & 0o7777).toBe(0o711);
    await receiver.close();
  });

  it.each([
    ['a file', (at: string) => writeFileSync(at, 'old'), { 1: undefined }, 'new'],
    ['a folder', (at: string) => mkdirSync(at), { 1: 'EISDIR' }, null],
  ] as const)(
    'puts a short file into a folder of its own where %s has come meanwhile',
    async (_, make, failed, data) => {
      const target = join(makeFilesFolder(), 'target');
      const receiver = await openReceiver({ target });
      await receiver.receive(writeRecords([folder(0, 'd')]));
      make(join(target, 'f'));
      const { failed: found } = await feed(receiver, writeRecords([file(1, 'f', 'new'), LEAVE, FINISH]));
      expect(found).toEqual(failed[1] === undefined ? {} : failed);
      expect(readdirSync(target)).toEqual(['f']);
      if (data !== null) expect(readFileSync(join(target, 'f'), 'utf8')).toBe(data);
    },
  );

  it('without -p makes folders with the mode that they keep', async () => {
    const target = makeFilesFolder();
    const receiver = await openReceiver({ target });
    await receiver.receive(writeRecords([folder(0, 'd', { mode: 0o755 })]));
    expect(statSync(join(target, 'd')).mode & 0o777).toBe(0o755);
    await receiver.close();
    expect(readFileSync('/proc/self/status', 'utf8')).toMatch(/^Umask:\s*0022$/m);
  });

  it('sets extended attributes of a file that can be read only', async () => {
    const target = makeFilesFolder();
    const xattrs = [['user.a', 'eA==']];
    const records = [longFile(0, 'f', { mode: 0o444, xattrs }), end(''), FINISH];
    expect((await receive(target, records, { keepsAttributes: true })).failed).toEqual({});
  });
});
