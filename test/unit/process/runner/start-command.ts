import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { baseEnvironment } from '../../../../src/daemon/environment.ts';
import type { ProcessExit, Runner, Running, StartRequest } from '../../../../src/process/runner/runner.ts';
import { readProcess } from '../../../../src/process/system/process-table.ts';

let runs = 0;

/** A request for a command without stdin, with what a test wants different. */
export function makeRequest(
  file: string,
  args: readonly string[],
  changes: Partial<StartRequest> = {},
): StartRequest {
  runs += 1;
  return {
    runId: `test-${process.pid}-${runs}`,
    file,
    args,
    cwd: tmpdir(),
    environment: baseEnvironment(),
    stdin: 'none',
    ...changes,
  };
}

/** Starts a line for sh. */
export function startLine(runner: Runner, line: string, changes?: Partial<StartRequest>): Promise<Running> {
  return runner.start(makeRequest('sh', ['-c', line], changes));
}

/** All that a command said, and how it ended. */
export async function finish(
  running: Running,
): Promise<{ readonly stdout: Buffer; readonly stderr: Buffer; readonly exit: ProcessExit }> {
  const [stdout, stderr, exit] = await Promise.all([
    buffer(running.stdout),
    buffer(running.stderr),
    running.exit,
  ]);
  return { stdout, stderr, exit };
}

/** What a command says until so many lines are whole; the stream stays open. */
export async function readLines(stream: Readable, count: number): Promise<string[]> {
  let text = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.split('\n').length > count) break;
  }
  return text.split('\n').slice(0, count);
}

/** Reads no further: what was not read is of no interest to the test. */
export function closeStreams(running: Running): void {
  for (const stream of [running.stdin, running.stdout, running.stderr]) stream?.destroy();
}

export function countDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Whether a process is there and is no zombie. */
export function isAlive(pid: number): boolean {
  return readProcess(pid)?.isAlive ?? false;
}
