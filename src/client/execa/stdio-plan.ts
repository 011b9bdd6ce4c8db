import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { inspect } from 'node:util';
import type { RemoteRun } from '../run-types.ts';
import { copyOutput } from './copy-output.ts';
import { isStdinOver, lendStdin } from './lend-stdin.ts';
import { nodeError } from './resolve-call.ts';

/** What a descriptor of the command is joined to: nothing, a stream for the caller, or something of this process. */
type End = { readonly kind: 'nothing' | 'caller' } | { readonly kind: 'ours'; readonly value: unknown };

export interface StdioPlan {
  readonly stdio: readonly ('pipe' | 'ignore')[];
  readonly ends: readonly End[];
}

/**
 * Reads the `stdio` of a spawn: what Node hands to a child as a descriptor is copied here from and to the host.
 * @throws TypeError as Node's own
 */
export function planStdio(stdio: readonly unknown[]): StdioPlan {
  const ends = stdio.map((value, number) => leaveEnded(readEnd(value, number), number));
  return { ends, stdio: ends.map(({ kind }) => (kind === 'nothing' ? 'ignore' : 'pipe')) };
}

function readEnd(value: unknown, number: number): End {
  if (value === 'pipe' || value === 'overlapped') return { kind: 'caller' };
  if (value === 'ignore' || value === null || value === undefined) return { kind: 'nothing' };
  if (value === 'inherit') return { kind: 'ours', value: number };
  if (typeof value === 'number') return { kind: 'ours', value };
  const fd = (value as { readonly fd?: unknown }).fd;
  const handle = (value as { readonly _handle?: unknown })._handle;
  if (isStream(value) && (typeof fd === 'number' || (handle !== null && handle !== undefined)))
    return { kind: 'ours', value };
  if (typeof fd === 'number') return { kind: 'ours', value: fd };
  throw nodeError('ERR_INVALID_ARG_VALUE', `The argument 'stdio' is invalid. Received ${inspect(value)}`);
}

/** A stdin of this process that has ended needs no stream: the host gives the command one that is empty. */
function leaveEnded(end: End, number: number): End {
  const isStdin = number === 0 && end.kind === 'ours' && (end.value === 0 || end.value === process.stdin);
  return isStdin && isStdinOver() ? { kind: 'nothing' } : end;
}

function isStream(value: unknown): value is Readable | Writable {
  return typeof (value as Partial<Readable> | null)?.pipe === 'function';
}

/** Joins the run's streams to what this process has. @returns the streams that are the caller's */
export function connectLocally(
  { ends }: StdioPlan,
  run: RemoteRun<string | Uint8Array>,
): RemoteRun['stdio'][number][] {
  return ends.map((end, number) => {
    const stream = run.stdio[number] ?? null;
    if (stream === null || end.kind === 'nothing') return null;
    if (end.kind !== 'ours') return stream;
    if (number === 0 || isSource(end.value)) feed(stream as Writable, end.value, run);
    else copyOutput(stream as Readable, openOutput(end.value));
    return null;
  });
}

/** Whether a stream can only be read from: it feeds its descriptor, as it would feed that of a child. */
function isSource(value: unknown): boolean {
  return isStream(value) && 'read' in value && !('write' in value);
}

function feed(into: Writable, from: unknown, run: RemoteRun<string | Uint8Array>): void {
  if (from === 0 || from === process.stdin) return lendStdin(into, run.pid);
  const source: Readable =
    typeof from === 'number' ? createReadStream('', { fd: from, autoClose: false }) : (from as Readable);
  source.pipe(into);
  // Read from a descriptor that is closed, or a folder: the command must not take it for the end of its input
  if (typeof from === 'number') source.once('error', (error) => into.destroy(error));
  into.once('close', () => source.unpipe(into));
  // One that was destroyed has no end of its own: the command would wait for more
  if (source.destroyed) into.end();
  else source.once('close', () => into.end());
}

function openOutput(value: unknown): Writable {
  if (value === 1) return process.stdout;
  if (value === 2) return process.stderr;
  if (typeof value !== 'number') return value as Writable;
  return createWriteStream('', { fd: value, autoClose: false });
}
