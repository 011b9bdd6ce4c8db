import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Duplex, PassThrough, pipeline, Readable, type Writable } from 'node:stream';
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
  /** Running.descriptors */
  readonly descriptors: Running['descriptors'];
  /** Running.waitingBytes */
  readonly waitingBytes: Running['waitingBytes'];
  /** Null where a pipe can't be asked, and without one. */
  readonly unreadInput: UnreadInput | null;
  /** The names (pipeName) of the pipes of stdout and stderr that are still open here, and that of stdin. */
  readonly openPipes: () => Pick<RunPipes, 'outputs' | 'stdin'>;
}

/** The pipes of one command: made before the spawn, so that a lack of descriptors shows before anything is run. */
export interface CommandPipes {
  readonly stdio: readonly Stdio[];
  /** The same as descriptors (null: /dev/null; undefined: closed); null as a whole where Node makes the pipes. */
  readonly descriptors: readonly (number | null | undefined)[] | null;
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
  readonly stdio: readonly unknown[];
}

type Asked = Pick<StartRequest, 'stdin' | 'stderr' | 'discarded' | 'descriptors'>;

/** @throws Error with `code`, such as EMFILE */
export function openCommandPipes(system: SystemCalls, request: Asked): CommandPipes {
  const { stdin, stderr, discarded = [], descriptors = [] } = request;
  const names = [
    ...(discarded.includes('stdout') ? [] : ['stdout']),
    ...(stderr === 'stdout' || discarded.includes('stderr') ? [] : ['stderr']),
    ...(stdin === 'pipe' ? ['stdin'] : []),
  ];
  const pairs = new Map<string, PipePair>();
  const sockets = new Map<number, readonly [number, number]>();
  try {
    for (const name of names) {
      const pair = system.makePipe();
      if (pair === null) return nodePipes(request);
      pairs.set(name, pair);
    }
    for (const number of descriptors) {
      const pair = system.makeSocketPair();
      if (pair === null) return nodePipes(request);
      sockets.set(number, pair);
    }
  } catch (error) {
    for (const { readEnd, writeEnd } of pairs.values()) closeAll([readEnd, writeEnd]);
    for (const pair of sockets.values()) closeAll(pair);
    throw error;
  }
  return realPipes(system, pairs, sockets, stderr === 'stdout');
}

function realPipes(
  system: SystemCalls,
  pairs: ReadonlyMap<string, PipePair>,
  sockets: ReadonlyMap<number, readonly [number, number]>,
  isOneOutput: boolean,
): CommandPipes {
  const open = (name: 'stdout' | 'stderr') => {
    const pair = pairs.get(name);
    if (pair === undefined) return null;
    const { readEnd } = pair;
    return { readEnd, name: pipeName(readEnd), stream: openPipeReader(system, readEnd) };
  };
  const outputs = { stdout: open('stdout'), stderr: open('stderr') };
  const opened = [outputs.stdout, outputs.stderr].filter((output) => output !== null);
  const outEnd = pairs.get('stdout')?.writeEnd ?? null;
  const errEnd = isOneOutput ? outEnd : (pairs.get('stderr')?.writeEnd ?? null);
  const stdin = pairs.get('stdin');
  const stdinName = stdin === undefined ? null : pipeName(stdin.writeEnd);
  const input = stdin === undefined ? null : openPipeWriter(system, stdin.writeEnd);
  const ends: (number | null | undefined)[] = [stdin?.readEnd ?? null, outEnd, errEnd];
  for (const [number, [, theirs]] of sockets) ends[number] = theirs;
  const descriptors = Array.from(ends, (end) => end);
  const own = new Map([...sockets].map(([number, [ours]]) => [number, openSocket(ours)]));
  return {
    stdio: descriptors.map((end) => end ?? 'ignore'),
    descriptors,
    closeCommandEnds() {
      closeAll([...new Set(descriptors.filter((end) => typeof end === 'number'))]);
    },
    destroy() {
      for (const { stream } of opened) stream.destroy();
      for (const socket of own.values()) socket.destroy();
      input?.destroy();
    },
    streams: () => ({
      stdin: input,
      stdout: outputs.stdout?.stream ?? Readable.from([]),
      stderr: outputs.stderr?.stream ?? Readable.from([]),
      descriptors: own,
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

/** @param fd belongs to the socket from here on */
function openSocket(fd: number): Duplex {
  return new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
}

/** The stated fallback: the pipes of Node, which are socketpairs on Unix and can't be found in other processes. */
function nodePipes({ stdin, discarded = [], descriptors = [] }: Asked): CommandPipes {
  const output = (name: 'stdout' | 'stderr'): Stdio => (discarded.includes(name) ? 'ignore' : 'pipe');
  const stdio: Stdio[] = [stdin === 'pipe' ? 'pipe' : 'ignore', output('stdout'), output('stderr')];
  for (const number of descriptors) stdio[number] = 'pipe';
  return {
    stdio: Array.from(stdio, (kind) => kind ?? 'ignore'),
    descriptors: null,
    closeCommandEnds: () => undefined,
    destroy: () => undefined,
    streams(child) {
      const outputs = { stdout: detach(child.stdout), stderr: detach(child.stderr) };
      return {
        ...outputs,
        stdin: child.stdin?.on('error', () => undefined) ?? null,
        descriptors: new Map(
          descriptors.flatMap((number) => {
            const stream = child.stdio[number];
            return stream instanceof Duplex ? [[number, stream] as const] : [];
          }),
        ),
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
