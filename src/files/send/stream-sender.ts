import type { Readable } from 'node:stream';
import { createFileHash } from '../hash.ts';
import { readAnswered } from '../headers.ts';
import { FILE_READ_BYTES, TRANSFER_CHUNK_BYTES } from '../limits.ts';
import { createRecordReader, createRecordWriter } from '../records.ts';
import type { TransferEnd } from '../transfer-end.ts';

const NEW_FILE_MODE = 0o666;

/** Creates the end of a transfer that sends what a stream holds as one file. */
export function createStreamSender(input: Readable, name: string, asks: boolean): TransferEnd {
  const out = createRecordWriter();
  const reader = createRecordReader();
  const hash = createFileHash();
  const failures: Error[] = [];
  let at = 0;
  let stage: 'new' | 'asked' | 'sending' | 'finishing' | 'done' = 'new';
  let wake = (): void => undefined;
  const handleReadable = (): void => wake();
  const handleError = (error: Error): void => {
    failures.push(error);
    wake();
  };
  input.on('readable', handleReadable).on('end', handleReadable).on('error', handleError);

  function announce(): void {
    const mtime = String(BigInt(Date.now()) * 1_000_000n);
    const made = { mode: NEW_FILE_MODE, mtime, uid: 0, gid: 0, stream: true };
    const header = { type: 'file', id: 0, name, ...made, size: null };
    out.add(asks ? { ...header, ask: true } : header);
    stage = asks ? 'asked' : 'sending';
  }

  function sendAvailable(): void {
    while (out.bytes < TRANSFER_CHUNK_BYTES) {
      const bytes = input.read() as Buffer | null;
      if (bytes === null) break;
      for (let from = 0; from < bytes.length; from += FILE_READ_BYTES)
        out.add(null, bytes.subarray(from, from + FILE_READ_BYTES));
      hash.update(bytes);
      at += bytes.length;
    }
    const [failure] = failures;
    if (failure !== undefined)
      out.add({ type: 'broken', again: false, code: 'EIO', message: failure.message.slice(0, 1000) });
    else if (input.readableEnded) out.add({ type: 'end', sha256: hash.sofar(), size: at });
    else return;
    stopSending();
  }

  function stopSending(): void {
    stage = 'finishing';
    out.add({ type: 'finish' });
  }

  return {
    receive(bytes) {
      reader.push(bytes);
      for (let event = reader.next(); event !== null; event = reader.next()) {
        if (event.kind === 'data') continue;
        const answer = readAnswered(event.value);
        if (answer.type === 'finished') stage = 'done';
        else if (answer.type === 'want' && stage === 'asked') {
          out.add({ type: 'content', id: 0, from: 0 });
          stage = 'sending';
        } else if (answer.type === 'results' && stage === 'asked') stopSending();
        else if (answer.type === 'results' && stage === 'sending' && answer.failed.length > 0) {
          out.add({ type: 'broken', again: false, code: 'CANCELED', message: 'the receiver gave it up' });
          stopSending();
        }
      }
      return undefined;
    },
    produce() {
      if (stage === 'new') announce();
      if (stage === 'sending') sendAvailable();
      return out.take();
    },
    get state() {
      if (stage === 'done') return 'done';
      return stage === 'sending' && (input.readableLength > 0 || input.readableEnded) ? 'busy' : 'waiting';
    },
    onWake(handle) {
      wake = handle;
    },
    close() {
      stage = 'done';
      input.off('readable', handleReadable).off('end', handleReadable);
    },
  };
}
