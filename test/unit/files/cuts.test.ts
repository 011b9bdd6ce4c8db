import { mkdirSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReceivePlan } from '../../../src/files/receive/receive-plan.ts';
import type { SendPlan } from '../../../src/files/send/send-plan.ts';
import type { TransferEnd } from '../../../src/files/transfer-end.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { openReceiver, openSender, readSentRecords } from '../../fixtures/files-peer.ts';
import { listTree } from '../../fixtures/odd-tree.ts';

/** Lets two ends talk until they are done, or so many bytes of the sender have arrived. @returns what was sent */
async function transfer(from: TransferEnd, to: TransferEnd, cutAt = Infinity): Promise<Buffer> {
  const sent: Buffer[] = [];
  let left = cutAt;
  while (left > 0 && (from.state !== 'done' || to.state !== 'done')) {
    for (const piece of from.produce()) {
      const passed = Buffer.from(piece).subarray(0, left);
      sent.push(passed);
      left -= passed.length;
      if (passed.length > 0) await to.receive(passed);
    }
    for (const piece of to.produce()) await from.receive(piece);
  }
  await from.close();
  await to.close();
  return Buffer.concat(sent);
}

async function copy(folder: string, plans: Partial<SendPlan & ReceivePlan>, cutAt?: number): Promise<Buffer> {
  const sender = await openSender({ sources: [`${folder}/src/.`], ...plans });
  const receiver = await openReceiver({ target: join(folder, 'dst'), ...plans });
  return transfer(sender, receiver, cutAt);
}

function makeSource(): string {
  const folder = makeFilesFolder();
  mkdirSync(join(folder, 'src/in'), { recursive: true });
  writeFileSync(join(folder, 'src/in/short'), 'short');
  writeFileSync(join(folder, 'src/in/long'), Buffer.from(Array.from({ length: 200_000 }, (_, n) => n % 251)));
  writeFileSync(join(folder, 'src/in/sparse'), 'start');
  truncateSync(join(folder, 'src/in/sparse'), 1_000_000);
  return folder;
}

/** Files that are there under their names and differ from the source. */
function listWrong(folder: string): readonly string[] {
  const source = new Set(listTree(join(folder, 'src')));
  return listTree(join(folder, 'dst')).filter((line) => !source.has(line) && !line.includes('.rexa-'));
}

const RESUME = { asks: true, resumes: true };

describe('a transfer that is cut', () => {
  it('anywhere, without --resume: leaves complete files alone', async () => {
    const folder = makeSource();
    const { length } = await copy(folder, {});
    for (let cutAt = 1; cutAt < length; cutAt += 7919) {
      const cut = makeSource();
      mkdirSync(join(cut, 'dst'));
      await copy(cut, {}, cutAt);
      expect([cutAt, listWrong(cut)]).toEqual([cutAt, []]);
      expect(readdirSync(cut, { recursive: true }).filter((name) => String(name).includes('.rexa-'))).toEqual(
        [],
      );
    }
  });

  it('anywhere, again and again, with --resume: is complete in the end, and sends no byte twice', async () => {
    const folder = makeSource();
    mkdirSync(join(folder, 'dst'));
    let sentBytes = 0;
    for (let round = 0; round < 40; round++) {
      const sent = await copy(folder, RESUME, 20_000 + round * 500);
      sentBytes += sent.length;
      expect(listWrong(folder)).toEqual([]);
    }
    await copy(folder, RESUME);
    expect(listTree(join(folder, 'dst'))).toEqual(listTree(join(folder, 'src')));
    expect(sentBytes).toBeLessThan(400_000);
  });

  it('and whose partial file was damaged: continues before the damage', async () => {
    const folder = makeFilesFolder();
    mkdirSync(join(folder, 'src'));
    mkdirSync(join(folder, 'dst'));
    const data = Buffer.alloc(20_000_000, 'abcdefg');
    writeFileSync(join(folder, 'src/f'), data);
    writeFileSync(
      join(folder, 'dst/.f.rexa-part'),
      Buffer.from(data.subarray(0, 17_000_000)).fill(0, 16_900_000),
      {
        mode: 0o600,
      },
    );
    const records = readSentRecords([await copy(folder, RESUME)]);
    expect(records).toContainEqual({ type: 'content', id: 1, from: 16_777_216 });
    expect(readFileSync(join(folder, 'dst/f')).equals(data)).toBe(true);
  });

  it('and whose source has changed: begins again', async () => {
    const folder = makeSource();
    mkdirSync(join(folder, 'dst'));
    const plans = { ...RESUME, sources: [join(folder, 'src/in/long')] };
    await copy(folder, plans, 100_000);
    writeFileSync(join(folder, 'src/in/long'), Buffer.alloc(200_000, 'other'));
    const records = readSentRecords([await copy(folder, plans)]);
    expect(records).toContainEqual({ type: 'content', id: 0, from: 0 });
    expect(readFileSync(join(folder, 'dst/long')).equals(Buffer.alloc(200_000, 'other'))).toBe(true);
  });
});

describe('a source that changes during the copy', () => {
  /** Changes the file after the first piece of it was sent, so many times. */
  async function copyChanging(times: number): Promise<readonly string[]> {
    const folder = makeFilesFolder();
    const path = join(folder, 'src');
    writeFileSync(path, Buffer.alloc(1_000_000, 'a'));
    const from = await openSender({ sources: [path] });
    const to = await openReceiver({ target: join(folder, 'dst') });
    const types: string[] = [];
    let left = times;
    while (from.state !== 'done') {
      const pieces = from.produce();
      const records = readSentRecords(pieces);
      types.push(...records.map(({ type }) => type));
      if (left > 0 && pieces.length > 0 && !types.includes('finish')) {
        left--;
        writeFileSync(path, Buffer.alloc(1_000_000, 'b'));
        utimesSync(path, left, left);
      }
      for (const piece of pieces) await to.receive(piece);
      for (const piece of to.produce()) await from.receive(piece);
    }
    await from.close();
    await to.close();
    const there = readdirSync(folder).includes('dst');
    return [...types, there ? readFileSync(join(folder, 'dst'), 'latin1').slice(0, 1) : 'nothing'];
  }

  it('once is read again', async () => {
    expect(await copyChanging(1)).toEqual(['file', 'broken', 'end', 'finish', 'b']);
  });

  it('always is an error, and is not there', async () => {
    const types = await copyChanging(100);
    expect(types.at(-1)).toBe('nothing');
    expect(types).not.toContain('end');
  });
});
