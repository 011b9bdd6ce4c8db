import { RexaError } from '../../protocol/errors.ts';
import { createLineAppender } from '../../runtime/append-lines.ts';
import { formatTranscript } from '../../services/talk/text-messages.ts';
import { describeUnwritable, openOutputFile } from '../output/output-file.ts';
import type { ShownLine } from './conversation.ts';

/** Appends a line to the transcript of this member. @throws RexaError TALK_LOG_FAILED */
export type LogLine = (line: ShownLine) => void;

/** Opens `--log FILE`, made with mode 0600; undefined: no transcript is kept. @throws RexaError USAGE */
export function openTalkLog(file: string | undefined): LogLine {
  if (file === undefined) return () => undefined;
  const append = createLineAppender(openOutputFile('--log', file, 'a', 0o600));
  return ({ kind, atMs, text }) => {
    // What was said earlier was not said to this member, and would be there again each time
    if (kind !== 'said') return;
    try {
      append(formatTranscript(atMs, text));
    } catch (cause) {
      throw new RexaError('TALK_LOG_FAILED', [describeUnwritable(file, cause)], { cause });
    }
  };
}
