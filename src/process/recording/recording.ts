import { RexaError } from '../../protocol/errors.ts';
import { MAX_RECORDING_FILE_BYTES, RECORDING_WRITE_BYTES, RECORDING_WRITE_MS } from '../limits.ts';
import { type CastCode, type CastHeader, writeCastEvent, writeCastHeader } from './asciicast.ts';
import { createRecordingFiles } from './recording-files.ts';

/** A terminal that is being recorded. */
export interface Recording {
  /** Where, as an absolute path. */
  readonly file: string;
  /** @param bytes end between two control functions where a further file begins with a screen */
  takeOutput(bytes: Uint8Array): void;
  takeInput(bytes: Uint8Array): void;
  takeSize(size: { readonly columns: number; readonly rows: number }): void;
  /** Writes the end. @param status the exit status, as a shell would have it; null: not known */
  end(status: number | null): void;
  /** Nothing was run: the file is removed. */
  discard(): void;
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

/**
 * Begins a recording in a new file, as asciicast v3. Beyond MAX_RECORDING_FILE_BYTES a further file is begun.
 * @throws RexaError RECORDING_FAILED
 */
export function startRecording({ file, header, paint, handleFailure }: RecordingOptions): Recording {
  let state: 'open' | 'ending' | 'over' = 'open';
  let { columns, rows } = header;
  let waiting = '';
  let writtenBytes = 0;
  let lastMs = performance.now();
  let timer: NodeJS.Timeout | null = null;
  const decoders = { o: new TextDecoder(), i: new TextDecoder() };
  const files = createRecordingFiles(file);
  try {
    begin();
  } catch (error) {
    throw new RexaError('RECORDING_FAILED', [file, (error as Error).message], { cause: error });
  }

  /** @throws Error of the system */
  function begin(): void {
    files.begin();
    writtenBytes = 0;
    waiting = writeCastHeader({ ...header, columns, rows }, Date.now()) + waiting;
  }

  function take(code: CastCode, data: string): void {
    if (state === 'over' || data === '') return;
    const nowMs = performance.now();
    waiting += writeCastEvent(code, data, nowMs - lastMs);
    lastMs = nowMs;
    if (waiting.length >= RECORDING_WRITE_BYTES) flush();
    else timer ??= setTimeout(flush, RECORDING_WRITE_MS);
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (state === 'over' || waiting === '') return;
    try {
      const bytes = Buffer.from(waiting);
      waiting = '';
      files.write(bytes);
      writtenBytes += bytes.length;
      // The end belongs to what it ends
      if (writtenBytes < MAX_RECORDING_FILE_BYTES || state === 'ending') return;
      begin();
      take('o', paint?.() ?? '');
    } catch (error) {
      stop();
      handleFailure(error as Error);
    }
  }

  function stop(): void {
    clearTimeout(timer ?? undefined);
    state = 'over';
    waiting = '';
    files.close();
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
      if (state === 'open') state = 'ending';
      take('o', decoders.o.decode());
      if (status !== null) take('x', String(status));
      flush();
      stop();
    },
    discard() {
      files.discard();
      stop();
    },
  };
}
