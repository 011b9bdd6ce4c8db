import type { RecordEvent } from './hub.ts';

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
