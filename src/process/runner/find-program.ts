import { accessSync, closeSync, constants, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import type { Word } from '../../protocol/word.ts';
import { wordBinary } from './words.ts';

/** Where execvp(3) looks when the environment has no PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';
/** What is read of a file to tell its kind: the longest `#!` line of Linux. */
const HEAD_BYTES = 256;
const BINFMT_MISC = '/proc/sys/fs/binfmt_misc';
/** Where an ELF header has the machine (elf(5), e_machine). */
const ELF_MACHINE_OFFSET = 18;

/** What stands under a program's name. */
export interface Program {
  /** What execve(2) is given in the folder where it was looked up: not resolved, since a script finds it as its $0. */
  readonly name: Buffer;
  /** The same as an absolute path. */
  readonly path: Buffer;
  readonly isExecutable: boolean;
}

/**
 * Looks a program up as execvp(3) does: a name with a slash from `cwd`, another one in the PATH.
 * @returns the first that can be executed, else the first that is there at all; null: there is none
 */
export function findProgram(file: Word, cwd: Word, path: Word = DEFAULT_PATH): Program | null {
  const name = wordBinary(file);
  const place = wordBinary(cwd);
  const folders = name.includes('/') ? [''] : wordBinary(path).split(delimiter);
  let first: Program | null = null;
  for (const folder of folders) {
    const candidate = inspect(folder === '' ? name : `${folder}/${name}`, place);
    if (candidate?.isExecutable) return candidate;
    first ??= candidate;
  }
  return first;
}

/** Both are binary text: see wordBinary. */
function inspect(name: string, cwd: string): Program | null {
  const path = Buffer.from(resolve(cwd, name), 'latin1');
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    return { name: Buffer.from(name, 'latin1'), path, isExecutable: stats.isFile() && isExecutable(path) };
  } catch {
    // Behind a folder that may not be searched, or no name that a file can have
    return null;
  }
}

function isExecutable(path: Buffer): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The interpreter that the first line of a script names (`#!`); null: it is no script, or can't be read. */
export function readInterpreter(path: Buffer): Buffer | null {
  const [line = ''] = readHead(path).toString('latin1').split('\n');
  const name = /^#![ \t]*([^ \t]+)/.exec(line)?.[1];
  return name === undefined ? null : Buffer.from(name, 'latin1');
}

/**
 * Whether a file is a program for another machine or system. libc would hand such a file to /bin/sh, which reads the
 * first bytes as commands, and that would be told as the program's own failure. A text without `#!` is no such file:
 * as POSIX has it, sh runs that.
 */
export function isForeignProgram(path: Buffer): boolean {
  const head = readHead(path);
  if (head.length === 0 || head.toString('latin1', 0, 2) === '#!' || !head.includes(0)) return false;
  ourMachine ??= elfMachine(readHead(process.execPath));
  return elfMachine(head) !== ourMachine && !hasOtherFormats();
}

let ourMachine: number | null | undefined;

function elfMachine(head: Buffer): number | null {
  if (head.toString('latin1', 0, 4) !== '\x7fELF' || head.length < ELF_MACHINE_OFFSET + 2) return null;
  const isLittleEndian = head[5] === 1;
  return isLittleEndian ? head.readUInt16LE(ELF_MACHINE_OFFSET) : head.readUInt16BE(ELF_MACHINE_OFFSET);
}

/** Whether the kernel was taught more formats (emulators, Wine): then it decides, not we. */
function hasOtherFormats(): boolean {
  try {
    return readdirSync(BINFMT_MISC).some((name) => name !== 'register' && name !== 'status');
  } catch {
    return false;
  }
}

function readHead(path: Buffer | string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return head.subarray(0, readSync(descriptor, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A program may be executable and not readable
    return head.subarray(0, 0);
  }
}
