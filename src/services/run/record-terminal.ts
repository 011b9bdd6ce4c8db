import { constants } from 'node:os';
import type { OutputFilter } from '../../process/conduct/filters.ts';
import { type Recording, startRecording } from '../../process/recording/recording.ts';
import type { Running } from '../../process/runner/runner.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import type { RunRequest } from './messages.ts';
import type { PreparedRun } from './prepare-run.ts';
import { chooseRecording, type RecordPolicy } from './record-policy.ts';

/** What a shell adds to the number of a signal. */
const SIGNAL_BASE = 128;

/**
 * Begins the recording of a run on a terminal, where all terminals are recorded.
 * @param handleFailure called once if it breaks off
 * @returns null: the run is not recorded
 * @throws RexaError RECORDING_FAILED: then nothing is run
 */
export function recordTerminal(
  policy: RecordPolicy,
  { terminal, id }: Pick<RunRequest, 'terminal' | 'id'>,
  command: string,
  handleFailure: (error: Error) => void,
): Recording | null {
  if (terminal === undefined || policy !== 'always') return null;
  const file = chooseRecording(policy, undefined, 'terminal');
  const header = { columns: terminal.columns, rows: terminal.rows, term: terminal.term, command, title: id };
  return file === null ? null : startRecording({ file, header, handleFailure });
}

/** Returns the same run, whose output and sizes are recorded in UTF-8. */
export function withRecording<Started extends { readonly prepared: PreparedRun; readonly running: Running }>(
  started: Started,
  recording: Recording | null,
): Started {
  if (recording === null) return started;
  const { prepared, running } = started;
  const decoders = { ...prepared.decoders, stdout: recordOutput(prepared.decoders.stdout, recording) };
  return {
    ...started,
    prepared: { ...prepared, decoders },
    running: {
      ...running,
      resize(size) {
        recording.takeSize(size);
        running.resize(size);
      },
    },
  };
}

/** Ends a recording with the exit status as a shell has it. @param outcome null: it is not known */
export function endRecording(recording: Recording | null, outcome: Outcome | null): void {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  const number = numbers[outcome?.signal ?? ''];
  recording?.end(outcome?.exitCode ?? (number === undefined ? null : SIGNAL_BASE + number));
}

function recordOutput(filter: OutputFilter, recording: Recording): OutputFilter {
  function keep(bytes: Uint8Array): Uint8Array {
    recording.takeOutput(bytes);
    return bytes;
  }
  return {
    write: (bytes) => keep(filter.write(bytes)),
    end: () => keep(filter.end()),
    flush: () => keep(filter.flush()),
    get holdMs() {
      return filter.holdMs;
    },
    receipt: () => filter.receipt(),
  };
}
