import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DAEMON_NODE_OPTIONS } from '../../src/runtime/node-variables.ts';
import { endChild } from './end-child.ts';
import type { Stage } from './stage.ts';

/** The client as a user starts it: its launcher, which takes the Node of REXA_NODE. */
export const REXA = path.resolve(import.meta.dirname, '../../bin/rexa');
export const REXAD = path.resolve(import.meta.dirname, '../../bin/rexad.js');

/** A daemon of this measurement alone. */
export interface BenchDaemon {
  readonly address: string;
  readonly pid: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the built daemon as its launcher does, on a socket in a folder of its own; it is ended when the block is left.
 * @param words where to listen instead, and what belongs to it
 * @param nodeOptions of Node beside those of the launcher
 * @param variables of its environment beside ours
 */
export async function startDaemon(
  words: readonly string[] = [],
  nodeOptions: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<BenchDaemon> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-bench-'));
  const listen = words.length > 0 ? words : ['--listen', `unix:${folder}/s`];
  const audit = ['--audit', path.join(folder, 'audit')];
  const child: ChildProcess = spawn(
    process.execPath,
    [...DAEMON_NODE_OPTIONS, ...nodeOptions, REXAD, ...listen, ...audit, '--json'],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...variables } },
  );
  if (!child.stdout || child.pid === undefined) throw new Error('the daemon did not start');
  const ended = once(child, 'exit').then(() => {
    throw new Error('the daemon did not start: is everything built?');
  });
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
  ended.catch(() => undefined);
  const { url } = JSON.parse(line) as { url: string };
  return {
    address: url,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      await endChild(child);
      fs.rmSync(folder, { recursive: true });
    },
  };
}

/** Starts one that is reached over TLS, and lets the key of the stage in. */
export function startTlsDaemon({ home }: Stage): Promise<BenchDaemon> {
  const keys = ['--authorized-keys', `${home}/.ssh/authorized_keys`, '--host-key', `${home}/rexa_host`];
  return startDaemon(['--listen', 'tls://127.0.0.1:0', ...keys]);
}

/** How the CLI and the library reach it: the host is not known yet, and its key is taken. */
export const TLS_OPTIONS = { agent: null, acceptNew: true } as const;
