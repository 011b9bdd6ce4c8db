import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

const MEGABYTES = 512;
/** How much is moved. */
export const PATTERN_BYTES = MEGABYTES * 1024 * 1024;

/** A program, its words, and where it runs. */
export interface Call {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** All-zero data would hide bytes that went wrong and pages that were never touched. */
export function writePattern(folder: string): string {
  const file = path.join(folder, 'pattern');
  const block = Buffer.from(
    Uint32Array.from({ length: 1 << 18 }, (_, index) => Math.imul(index, 2654435761)).buffer,
  );
  const descriptor = fs.openSync(file, 'w');
  for (let written = 0; written < PATTERN_BYTES; written += block.length) fs.writeSync(descriptor, block);
  fs.closeSync(descriptor);
  return file;
}

/** Counts what a program writes, and refuses a wrong count. */
export async function countOutput(call: Call, input?: string): Promise<void> {
  let bytes = 0;
  await readOutput(call, input, (chunk) => {
    bytes += chunk.length;
  });
  if (bytes !== PATTERN_BYTES) throw new Error(`${bytes} bytes came instead of ${PATTERN_BYTES}`);
}

/** Feeds a program that says how many bytes it got, and refuses a wrong answer. */
export async function feedInput(call: Call, input: string): Promise<void> {
  let text = '';
  await readOutput(call, input, (chunk) => {
    text += chunk.toString();
  });
  if (Number(text) !== PATTERN_BYTES)
    throw new Error(`the command got ${text.trim()} bytes instead of ${PATTERN_BYTES}`);
}

async function readOutput(
  { file, args, env }: Call,
  input: string | undefined,
  take: (chunk: Buffer) => void,
): Promise<void> {
  const stdin = input === undefined ? 'ignore' : fs.openSync(input, 'r');
  const child = spawn(file, args, { stdio: [stdin, 'pipe', 'inherit'], env: env ?? process.env });
  if (typeof stdin === 'number') fs.closeSync(stdin);
  child.stdout?.on('data', take);
  await once(child, 'close');
}
