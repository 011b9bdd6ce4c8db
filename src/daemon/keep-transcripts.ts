import fs from 'node:fs';
import path from 'node:path';
import { checkTrusted, ownUid } from '../auth/file-guard.ts';
import { causedBy } from '../protocol/caused-by.ts';
import { createLineAppender } from '../runtime/append-lines.ts';
import type { Log } from '../runtime/log.ts';
import { escapeSaid } from '../services/talk/escape-messages.ts';
import { formatTalk, formatTranscript } from '../services/talk/text-messages.ts';
import type { OpenTranscript, Transcript } from '../services/talk/transcripts.ts';

/** A link or a FIFO that stands there is refused, and never waited for. */
const APPEND =
  fs.constants.O_WRONLY |
  fs.constants.O_APPEND |
  fs.constants.O_CREAT |
  fs.constants.O_NOFOLLOW |
  fs.constants.O_NONBLOCK;

/**
 * Keeps transcripts in a folder, `NAME.log` each with mode 0600. The folder is made with mode 0700 if it is missing; none but
 * this user may write in it.
 * @throws RexaError TALK_LOG_FAILED
 */
export function keepTranscripts(folder: string, log: Log): OpenTranscript {
  const place = path.resolve(folder);
  try {
    fs.mkdirSync(place, { recursive: true, mode: 0o700 });
    fs.accessSync(place, fs.constants.W_OK | fs.constants.X_OK);
    checkTrusted(place, fs.statSync(place), ownUid());
  } catch (cause) {
    throw causedBy('TALK_LOG_FAILED', cause);
  }
  return (name) => openTranscript(path.join(place, `${name}.log`), log);
}

function openTranscript(file: string, log: Log): Transcript {
  let open: { readonly descriptor: number; readonly append: (line: string) => void } | null = null;
  let state: 'kept' | 'failing' = 'kept';

  function append(line: string): void {
    if (open === null) {
      const descriptor = openOwnFile(file);
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

/** @throws Error of the system, or that it is not a file of this user */
function openOwnFile(file: string): number {
  const descriptor = fs.openSync(file, APPEND, 0o600);
  try {
    const status = fs.fstatSync(descriptor);
    if (!status.isFile()) throw new Error(`${file} is not a regular file`);
    if (status.uid !== (ownUid() ?? status.uid)) throw new Error(`${file} belongs to uid ${status.uid}`);
    fs.fchmodSync(descriptor, 0o600);
    return descriptor;
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}
