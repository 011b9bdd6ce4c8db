import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root, tell } from './paths.mjs';

const lockFile = join(root, '.setup-lock');
/** Between two looks at a lock that another process holds. */
const LOOK_AGAIN_MS = 100;
/** After so long a wait the reason for it is told. */
const EXPLAIN_AFTER_MS = 1_000;

/**
 * Runs `work` while no other set-up of this clone does: two that start at once don't fight. The lock of a process
 * that is gone is taken over.
 *
 * @param {() => Promise<void>} work
 */
export async function withLock(work) {
  await takeLock();
  process.once('exit', letGoOfLock);
  try {
    await work();
  } finally {
    process.off('exit', letGoOfLock);
    letGoOfLock();
  }
}

function letGoOfLock() {
  rmSync(lockFile, { force: true });
}

async function takeLock() {
  const me = identify(process.pid);
  for (let waitedMs = 0; !tryLock(me); waitedMs += LOOK_AGAIN_MS) {
    const holder = readHolder();
    if (holder === null) continue;
    if (!isAlive(holder)) discard(holder);
    else if (waitedMs === EXPLAIN_AFTER_MS)
      tell(`waiting for the set-up that process ${parsePid(holder)} is at`);
    await pause(LOOK_AGAIN_MS);
  }
}

/**
 * A link, not an exclusive write: the lock never exists without its holder's name in it.
 *
 * @param {string} me
 */
function tryLock(me) {
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, me);
  try {
    linkSync(draft, lockFile);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

function readHolder() {
  try {
    return readFileSync(lockFile, 'utf8');
  } catch {
    return null;
  }
}

/**
 * Removes a dead holder's lock. It is renamed first and looked at again, since another waiter may have done the same
 * and hold a lock of its own by now.
 *
 * @param {string} holder
 */
function discard(holder) {
  const aside = `${lockFile}.${process.pid}`;
  try {
    renameSync(lockFile, aside);
  } catch {
    return;
  }
  if (readFileSync(aside, 'utf8') === holder) rmSync(aside);
  else renameSync(aside, lockFile);
}

/** @param {string} holder */
function parsePid(holder) {
  return Number(holder.split(' ')[0]);
}

/** @param {string} holder */
function isAlive(holder) {
  const pid = parsePid(holder);
  return Number.isInteger(pid) && pid > 0 && identify(pid) === holder;
}

/**
 * A process's number and, where the system tells, the moment of its start: a number alone is used again.
 *
 * @param {number} pid
 * @returns {string} empty when there is no such process, or only what is left of it
 */
function identify(pid) {
  try {
    // proc(5): after the name in brackets come the state and, nineteen fields on, the start time
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? '' : `${pid} ${fields[19]}`;
  } catch {
    return processExists(pid) ? `${pid} ` : '';
  }
}

/** @param {number} pid */
function processExists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
