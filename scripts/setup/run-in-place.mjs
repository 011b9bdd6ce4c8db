import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { innerPath, outerPath, root } from './paths.mjs';

/** @type {NodeJS.Signals[]} */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'];
/** Signals that a terminal sends to everyone in its foreground group: ours has them already. */
const SENT_BY_TERMINAL = new Set(['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGWINCH', 'SIGCONT']);

/**
 * Runs a file of the project as if it stood in our place: same stdio, same words, signals passed on, same ending.
 *
 * @param {string} node
 * @param {string} file relative to the top folder
 * @param {string[]} words
 * @returns {Promise<number>} the exit status; a child that a signal ended ends us by that signal
 */
export async function runInPlace(node, file, words) {
  const isLauncher = file.startsWith('bin/') && process.platform !== 'win32';
  const program = isLauncher ? [join(root, file)] : [node, join(root, file)];
  const child = spawn(program[0] ?? node, [...program.slice(1), ...words], {
    stdio: 'inherit',
    env: isLauncher
      ? { ...process.env, PATH: outerPath(), REXA_NODE: node }
      : { ...process.env, PATH: innerPath() },
  });
  for (const name of PASSED_ON) {
    process.on(name, () => {
      if (!(SENT_BY_TERMINAL.has(name) && isInForeground())) child.kill(name);
    });
  }
  /** @type {{ code: number | null, signal: NodeJS.Signals | null }} */
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  if (signal === null) return code ?? 1;
  for (const name of PASSED_ON) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}

/**
 * Whether our process group is the one in front of a terminal, whose Ctrl-C then reaches the child without us. npm
 * passes the same signal to us a second time; were it passed on, one Ctrl-C would count as two or three.
 */
function isInForeground() {
  try {
    const [, , group, , , front] =
      readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return group === front;
  } catch {
    return process.stdin.isTTY;
  }
}
