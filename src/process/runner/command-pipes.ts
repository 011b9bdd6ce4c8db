import { closeSync } from 'node:fs';
import { PassThrough, pipeline, Readable, type Writable } from 'node:stream';
import { pipeName, type RunPipes } from '../system/pipe-holders.ts';
import type { PipePair, SystemCalls } from '../system/system-calls.ts';
import { openPipeReader, openPipeWriter } from './pipe-stream.ts';
import type { Running, StartRequest } from './runner.ts';
import type { Stdio } from './spawn-command.ts';
import { type UnreadInput, watchUnreadInput } from './unread-input.ts';

/** The streams of a command, seen from here. */
export interface CommandStreams {
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Running.waitingBytes */
  readonly waitingBytes: Running['waitingBytes'];
  /** Null where a pipe can't be asked, and without one. */
  readonly unreadInput: UnreadInput | null;
  /** The names (pipeName) of the pipes of stdout and stderr that are still open here, and that of stdin. */
  readonly openPipes: () => Pick<RunPipes, 'outputs' | 'stdin'>;
}

/** The pipes of one command: made before the spawn, so that a lack of descriptors shows before anything is run. */
export interface CommandPipes {
  readonly stdio: readonly [stdin: Stdio, stdout: Stdio, stderr: Stdio];
  /** The same as descriptors (null: /dev/null); null as a whole where Node makes the pipes. */
  readonly descriptors: readonly [stdin: number | null, stdout: number, stderr: number] | null;
  /** Closes our copies of the command's ends: straight after the spawn, or no end of file would ever come. */
  closeCommandEnds(): void;
  /** Closes our own ends: when the spawn failed. */
  destroy(): void;
  /** @param child for the streams that Node made, where it made them */
  streams(child: ChildStreams): CommandStreams;
}

interface ChildStreams {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/** @throws Error with `code`, such as EMFILE */
export function openCommandPipes(
  system: SystemCalls,
  { stdin, stderr }: Pick<StartRequest, 'stdin' | 'stderr'>,
): CommandPipes {
  const names = [
    'stdout',
    ...(stderr === 'stdout' ? [] : ['stderr']),
    ...(stdin === 'pipe' ? ['stdin'] : []),
  ];
  const pairs = new Map<string, PipePair>();
  try {
    for (const name of names) {
      const pair = system.makePipe();
      if (pair === null) return nodePipes(stdin);
      pairs.set(name, pair);
    }
  } catch (error) {
    for (const { readEnd, writeEnd } of pairs.values()) closeAll([readEnd, writeEnd]);
    throw error;
  }
  return realPipes(system, pairs.get('stdout') as PipePair, pairs.get('stderr'), pairs.get('stdin'));
}

function realPipes(
  system: SystemCalls,
  stdout: PipePair,
  stderr: PipePair | undefined,
  stdin: PipePair | undefined,
): CommandPipes {
  const open = ({ readEnd }: PipePair) => ({
    readEnd,
    name: pipeName(readEnd),
    stream: openPipeReader(system, readEnd),
  });
  const out = open(stdout);
  const err = stderr === undefined ? null : open(stderr);
  const outputs = { stdout: out, stderr: err };
  const opened = [out, ...(err === null ? [] : [err])];
  const errEnd = (stderr ?? stdout).writeEnd;
  const stdinName = stdin === undefined ? null : pipeName(stdin.writeEnd);
  const input = stdin === undefined ? null : openPipeWriter(stdin.writeEnd);
  return {
    stdio: [stdin?.readEnd ?? 'ignore', stdout.writeEnd, errEnd],
    descriptors: [stdin?.readEnd ?? null, stdout.writeEnd, errEnd],
    closeCommandEnds() {
      closeAll([...new Set([stdout.writeEnd, errEnd]), ...(stdin === undefined ? [] : [stdin.readEnd])]);
    },
    destroy() {
      for (const { stream } of opened) stream.destroy();
      input?.destroy();
    },
    streams: () => ({
      stdin: input,
      stdout: out.stream,
      stderr: err?.stream ?? Readable.from([]),
      waitingBytes(name) {
        const output = outputs[name];
        if (output === null || output.stream.destroyed) return 0;
        return output.stream.readableLength + system.unreadBytes(output.readEnd);
      },
      unreadInput:
        stdin === undefined || input === null ? null : watchUnreadInput(system, stdin.writeEnd, input),
      openPipes: () => ({
        outputs: opened.filter(({ stream }) => !stream.destroyed).map(({ name }) => name),
        stdin: stdinName,
      }),
    }),
  };
}

/** The stated fallback: the pipes of Node, which are socketpairs on Unix and can't be found in other processes. */
function nodePipes(stdin: StartRequest['stdin']): CommandPipes {
  return {
    stdio: [stdin === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    descriptors: null,
    closeCommandEnds: () => undefined,
    destroy: () => undefined,
    streams(child) {
      const outputs = { stdout: detach(child.stdout), stderr: detach(child.stderr) };
      return {
        ...outputs,
        stdin: child.stdin?.on('error', () => undefined) ?? null,
        waitingBytes: (name) => outputs[name].readableLength,
        unreadInput: null,
        openPipes: () => ({ outputs: [], stdin: null }),
      };
    },
  };
}

/** Node throws away what nobody has asked for when a command exits; behind a stream of our own it is kept. */
function detach(stream: Readable | null): Readable {
  const kept = new PassThrough();
  if (stream === null) return kept.end();
  pipeline(stream, kept, () => undefined);
  return kept;
}

function closeAll(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) closeSync(descriptor);
}
