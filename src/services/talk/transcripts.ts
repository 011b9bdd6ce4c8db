import fs from 'node:fs';
import path from 'node:path';
import { RexaError } from '../../protocol/errors.ts';
import { createLineAppender } from '../../runtime/append-lines.ts';
import type { Log } from '../../runtime/log.ts';
import { escapeSaid } from './escape-messages.ts';
import type { RecordEvent } from './hub.ts';
import { formatTalk, formatTranscript } from './text-messages.ts';

/** The transcript of a room: a file of plain lines with times. */
export interface Transcript {
  readonly record: RecordEvent;
  /** Closes the file; the next event opens it again. */
  pause(): void;
}

/** Opens the transcript of a room by its name. */
export type OpenTranscript = (name: string) => Transcript;

/** Keeps no transcripts. */
export const withoutTranscripts: OpenTranscript = () => ({ record: () => null, pause: () => undefined });

/**
 * Keeps transcripts in a folder, `NAME.log` each, which is made with mode 0700 if it is missing.
 * @throws RexaError TALK_LOG_FAILED
 */
export function keepTranscripts(folder: string, log: Log): OpenTranscript {
  const place = path.resolve(folder);
  try {
    fs.mkdirSync(place, { recursive: true, mode: 0o700 });
    fs.accessSync(place, fs.constants.W_OK | fs.constants.X_OK);
  } catch (cause) {
    throw new RexaError('TALK_LOG_FAILED', [(cause as Error).message], { cause });
  }
  return (name) => openTranscript(path.join(place, `${name}.log`), log);
}

function openTranscript(file: string, log: Log): Transcript {
  let open: { readonly descriptor: number; readonly append: (line: string) => void } | null = null;
  let state: 'kept' | 'failing' = 'kept';

  function append(line: string): void {
    if (open === null) {
      const descriptor = fs.openSync(file, 'a', 0o600);
      open = { descriptor, append: createLineAppender(descriptor) };
    }
    open.append(line);
  }

  return {
    record(event) {
      const line = formatTranscript(event.at, escapeSaid(formatTalk(event)));
      try {
        append(line);
        state = 'kept';
        return null;
      } catch (error) {
        const reason = (error as Error).message;
        log.error('the transcript of a conversation cannot be written', { file, error: reason });
        if (state === 'failing') return null;
        state = 'failing';
        return `the transcript of the daemon cannot be written: ${reason}`;
      }
    },
    pause() {
      if (open !== null) fs.closeSync(open.descriptor);
      open = null;
    },
  };
}
