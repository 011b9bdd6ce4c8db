import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spool, SpoolBudget } from '../../../../src/daemon/ready-start/spool.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-spool-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function openSpool(budgetBytes = 1_000_000) {
  const budget = new SpoolBudget(budgetBytes);
  return { budget, spool: new Spool({ folder, maxBytes: 500_000, memoryBytes: 100, budget }) };
}

async function readAll(spool: Spool): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of spool.read()) blocks.push(block);
  return Buffer.concat(blocks);
}

const pattern = (bytes: number) => Buffer.alloc(bytes, 'abcdefghijklmnopqrstuvw');

describe('a spool', () => {
  it.each([
    ['nothing', []],
    ['little', [1, 99]],
    ['much in one piece', [400_000]],
    ['little, then much', [60, 40, 1, 300_000, 7]],
    ['exactly what fits', [500_000]],
  ])('gives back %s as it came, twice', async (_what, sizes) => {
    const { spool, budget } = openSpool();
    const whole = pattern(sizes.reduce((sum, size) => sum + size, 0));
    let at = 0;
    for (const size of sizes) {
      await spool.append(whole.subarray(at, at + size));
      at += size;
    }
    expect(spool.sizeBytes).toBe(whole.length);
    expect((await readAll(spool)).equals(whole)).toBe(true);
    expect((await readAll(spool)).equals(whole)).toBe(true);
    expect(budget.takenBytes).toBe(whole.length > 100 ? whole.length : 0);
    await spool.clear();
    expect(budget.takenBytes).toBe(0);
    expect(spool.sizeBytes).toBe(0);
  });

  it('has no name in its folder, so that nothing is left behind', async () => {
    const { spool } = openSpool();
    await spool.append(pattern(1000));
    expect(fs.readdirSync(folder)).toEqual([]);
    await spool.clear();
  });

  it('keeps its own copy of what is small', async () => {
    const { spool } = openSpool();
    const bytes = Buffer.from('abc');
    await spool.append(bytes);
    bytes.fill('x');
    expect((await readAll(spool)).toString()).toBe('abc');
  });

  it('refuses one byte too many, and takes another reply after that', async () => {
    const { spool, budget } = openSpool();
    await spool.append(pattern(500_000));
    await expect(spool.append(pattern(1))).rejects.toMatchObject({ code: 'READY_REPLY_LIMIT' });
    await spool.clear();
    expect(budget.takenBytes).toBe(0);
    await spool.append(pattern(200));
    expect(await readAll(spool)).toEqual(pattern(200));
    await spool.clear();
  });

  it('shares a budget with all others', async () => {
    const { spool, budget } = openSpool(1000);
    const other = new Spool({ folder, maxBytes: 500_000, memoryBytes: 100, budget });
    await spool.append(pattern(600));
    await other.append(pattern(100));
    await expect(other.append(pattern(301))).rejects.toMatchObject({ code: 'READY_SPOOL_LIMIT' });
    await spool.clear();
    await other.append(pattern(301));
    expect(budget.takenBytes).toBe(401);
    await other.clear();
    expect(budget.takenBytes).toBe(0);
  });

  it('says what is wrong with its folder, and gives its share back', async () => {
    const budget = new SpoolBudget(1000);
    const spool = new Spool({ folder: path.join(folder, 'missing'), maxBytes: 1000, memoryBytes: 0, budget });
    await expect(spool.append(pattern(5))).rejects.toMatchObject({ code: 'READY_SPOOL_FAILED' });
    await spool.clear();
    expect(budget.takenBytes).toBe(0);
  });
});
