import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type BareClone, createBareClone } from './bare-clone.ts';

const run = promisify(execFile);

/** Enters several times; whoever finds another one inside fails, since a folder can be made only once. */
const ENTER_OFTEN = `
  import { mkdirSync, rmdirSync, appendFileSync } from 'node:fs';
  import { setTimeout as pause } from 'node:timers/promises';
  import { withLock } from './setup/lock.mjs';
  for (let round = 0; round < 3; round++) {
    await withLock(async () => {
      mkdirSync('inside');
      appendFileSync('entered', 'x');
      await pause(1);
      rmdirSync('inside');
    });
  }`;

const HOLD = `
  import { withLock } from './setup/lock.mjs';
  await withLock(() => {
    process.stdout.write('held');
    return new Promise(() => setInterval(() => {}, 1000));
  });`;

async function enterFromMany(clone: BareClone, processes: number): Promise<void> {
  const program = await clone.writeProgram(ENTER_OFTEN);
  const runs = Array.from({ length: processes }, () => run(process.execPath, [program], { cwd: clone.path }));
  await Promise.all(runs);
}

describe('the lock of the set-up', () => {
  it('lets one process in at a time, and leaves nothing behind', async () => {
    await using clone = await createBareClone();
    await enterFromMany(clone, 4);
    expect(await readFile(join(clone.path, 'entered'), 'utf8')).toBe('x'.repeat(12));
    expect((await readdir(clone.path)).toSorted()).toEqual(['entered', 'scripts']);
  });

  it.each([
    ['of a process that was killed', null],
    ['of a process whose number another one has now', `${process.pid} 1`],
    ['that names no process', ''],
  ])('is taken over by one of many when it is a lock %s', async (_, content) => {
    await using clone = await createBareClone();
    const lock = join(clone.path, '.setup-lock');
    if (content === null) await killHolder(clone);
    else await writeFile(lock, content);
    expect(existsSync(lock)).toBe(true);
    await enterFromMany(clone, 4);
    expect(await readFile(join(clone.path, 'entered'), 'utf8')).toBe('x'.repeat(12));
    expect(existsSync(lock)).toBe(false);
  });
});

/** Leaves the lock of a process that had no time to let go of it. */
async function killHolder(clone: BareClone): Promise<void> {
  const holder = spawn(process.execPath, [await clone.writeProgram(HOLD)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
}
