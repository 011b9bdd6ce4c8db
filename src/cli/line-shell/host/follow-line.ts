import type { Readable } from 'node:stream';
import type { RemoteRun, RunResult } from '../../../client/run-types.ts';
import type { LineOutput, OutputStream } from '../backend.ts';
import { type LineReport, readEchoRecord, readLineRecord } from './line-report.ts';
import { createRecordFilter } from './record-filter.ts';

/** A line's run while its output is passed on. */
export interface FollowedLine {
  /**
   * Resolves when the program around the line has said that it is over, and all output in front of that was taken;
   * null when the run ended without a word of it.
   */
  readonly reported: Promise<LineReport | null>;
  /** Resolves with the outcome when all output was taken. */
  readonly result: Promise<RunResult>;
  /** Typed text that no program on the host has read, as far as it got there. */
  rest(): string;
}

/** @param handleReport called at once when stderr has brought the report, whatever stdout still has to say */
export function followLine(
  run: RemoteRun,
  token: string,
  output: LineOutput,
  handleReport: () => void,
): FollowedLine {
  const report = Promise.withResolvers<LineReport | null>();
  const stdoutMark = Promise.withResolvers<boolean>();
  let rest = '';

  const stderr = pass(run.stderr, 'stderr', token, output, (text) => {
    const record = readLineRecord(text);
    if (record?.kind === 'rest') rest += record.text;
    if (record?.kind !== 'report') return;
    report.resolve(record.report);
    handleReport();
  }).then(() => report.resolve(null));
  const stdout = pass(run.stdout, 'stdout', token, output, () => stdoutMark.resolve(true)).then(() =>
    stdoutMark.resolve(false),
  );

  return {
    reported: Promise.all([report.promise, stdoutMark.promise]).then(([told]) => told),
    result: Promise.all([run, stdout, stderr]).then(([result]) => result),
    rest: () => rest,
  };
}

/** Passes a stream on, a chunk at a time, without its records. Never rejects. */
async function pass(
  from: Readable,
  stream: OutputStream,
  token: string,
  output: LineOutput,
  handleRecord: (record: string) => void,
): Promise<void> {
  const filter = createRecordFilter(token);
  try {
    for await (const chunk of from as AsyncIterable<Uint8Array>) {
      const { bytes, records } = filter.take(chunk);
      // Before the prompt, after which the user may type at once
      for (const isOn of records.map(readEchoRecord)) if (isOn !== null) output.setEcho(isOn);
      if (bytes.length > 0) await output.write(stream, bytes);
      for (const record of records) handleRecord(record);
    }
  } catch {
    // The stream was cut off: the run's outcome says so
  }
  const last = filter.flush();
  if (last.length > 0) await output.write(stream, last);
}
