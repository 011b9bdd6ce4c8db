import { closeSync, constants, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../places/make-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import {
  MAX_RECORDING_FILE_BYTES,
  MAX_RECORDING_FILES,
  RECORDING_WRITE_BYTES,
  RECORDING_WRITE_MS,
} from '../limits.ts';
import { type CastCode, type CastHeader, writeCastEvent, writeCastHeader } from './asciicast.ts';

/** A terminal that is being recorded. */
export interface Recording {
  /** Where, as an absolute path. */
  readonly file: string;
  takeOutput(bytes: Uint8Array): void;
  takeInput(bytes: Uint8Array): void;
  takeSize(size: { readonly columns: number; readonly rows: number }): void;
  /** Writes the end. @param status the exit status, as a shell would have it; null: not known */
  end(status: number | null): void;
}

/** What is recorded, and whom it is told. */
export interface RecordingOptions {
  readonly file: string;
  readonly header: CastHeader;
  /** Returns what a further file begins with: the screen as it is. Absent: nothing. */
  readonly paint?: () => string;
  /** Called once if nothing more can be written: the terminal goes on without being recorded. */
  handleFailure(error: Error): void;
}

const OPEN = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;

/**
 * Begins a recording in a new file of mode 0600, as asciicast v3. Beyond MAX_RECORDING_FILE_BYTES a further file is begun, and the
 * one before is kept as `NAME.1.cast`, the older ones with higher numbers.
 * @throws RexaError RECORDING_FAILED
 */
export function startRecording({ file, header, paint, handleFailure }: RecordingOptions): Recording {
  let state: 'open' | 'over' = 'open';
  let { columns, rows } = header;
  let waiting = '';
  let writtenBytes = 0;
  let lastMs = performance.now();
  let timer: NodeJS.Timeout | null = null;
  const decoders = { o: new TextDecoder(), i: new TextDecoder() };
  let fd: number | null = begin();

  /** @throws RexaError RECORDING_FAILED */
  function begin(): number {
    try {
      makeFolder(path.dirname(file));
      const opened = openSync(file, OPEN, 0o600);
      writtenBytes = 0;
      waiting = writeCastHeader({ ...header, columns, rows }, Date.now()) + waiting;
      return opened;
    } catch (error) {
      throw new RexaError('RECORDING_FAILED', [file, (error as Error).message], { cause: error });
    }
  }

  function take(code: CastCode, data: string): void {
    if (state !== 'open' || data === '') return;
    const nowMs = performance.now();
    waiting += writeCastEvent(code, data, nowMs - lastMs);
    lastMs = nowMs;
    if (waiting.length >= RECORDING_WRITE_BYTES) flush();
    else timer ??= setTimeout(flush, RECORDING_WRITE_MS);
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (state !== 'open' || fd === null || waiting === '') return;
    try {
      const bytes = Buffer.from(waiting);
      waiting = '';
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      writtenBytes += bytes.length;
      if (writtenBytes >= MAX_RECORDING_FILE_BYTES) rotate();
    } catch (error) {
      fail(error as Error);
    }
  }

  function rotate(): void {
    close();
    for (let number = MAX_RECORDING_FILES - 1; number > 0; number--) {
      const older = number === 1 ? file : nameOlder(file, number - 1);
      if (existsSync(older)) renameSync(older, nameOlder(file, number));
    }
    fd = begin();
    take('o', paint?.() ?? '');
  }

  function close(): void {
    if (fd !== null) closeSync(fd);
    fd = null;
  }

  function fail(error: Error): void {
    state = 'over';
    waiting = '';
    close();
    handleFailure(error);
  }

  return {
    file,
    takeOutput: (bytes) => take('o', decoders.o.decode(bytes, { stream: true })),
    takeInput: (bytes) => take('i', decoders.i.decode(bytes, { stream: true })),
    takeSize(size) {
      ({ columns, rows } = size);
      take('r', `${columns}x${rows}`);
    },
    end(status) {
      take('o', decoders.o.decode());
      if (status !== null) take('x', String(status));
      flush();
      close();
      state = 'over';
    },
  };
}

/** `work.cast` becomes `work.1.cast`. */
function nameOlder(file: string, number: number): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}.${number}${ext}`);
}
