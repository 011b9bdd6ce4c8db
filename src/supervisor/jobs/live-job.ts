import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { conductRun, type RunPeer } from '../../process/conduct/conduct-run.ts';
import type { Runner, Running } from '../../process/runner/runner.ts';
import { bootId } from '../../process/system/boot-id.ts';
import { readProcess } from '../../process/system/process-table.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { JobOutcome } from '../../protocol/job.ts';
import { createAsyncQueue } from '../../runtime/async-queue.ts';
import type { StartJobRequest } from '../../services/jobs/supervisor-messages.ts';
import type { RunCommandMessage } from '../../services/run/messages.ts';
import { JOB_HEAD_SEGMENTS, JOB_SEGMENT_BYTES, JOB_TAIL_SEGMENTS } from '../limits.ts';
import { createSpoolWriter, type SpoolWriter } from '../spool/spool-writer.ts';
import type { JobRecord } from '../store/job-record.ts';
import { type ClientWatch, createClientWatch } from './client-watch.ts';
import { createJobInput, type JobInput } from './job-input.ts';
import { NO_FILTERS } from './no-filters.ts';
import { readStart } from './read-start.ts';
import { createSpoolSink } from './spool-sink.ts';

const SPOOL_LIMITS = {
  segmentBytes: JOB_SEGMENT_BYTES,
  headSegments: JOB_HEAD_SEGMENTS,
  tailSegments: JOB_TAIL_SEGMENTS,
};

/** A job that this supervisor owns. */
export interface LiveJob {
  readonly record: JobRecord;
  readonly spool: SpoolWriter;
  /** Null: it reads an empty file. */
  readonly input: JobInput | null;
  readonly clients: ClientWatch;
  send(message: RunCommandMessage): void;
  /** @param why goes on after "the command was canceled" */
  cancel(why: string): void;
  /** Spawns it. @throws RexaError as the runner: then nothing was run */
  start(runner: Runner): Promise<void>;
  /** Drives it to its end, when `record` has its outcome and all output is on the disk. */
  conduct(): Promise<void>;
}

/** What a job needs of its owner. */
export interface JobListener {
  /** The record has changed. */
  handleChange(record: JobRecord): void;
  /** Takes a pipe that is still held at the end of the job. */
  keepHeld(pipe: Readable): void;
}

/** @param folder where its output goes; it is there */
export function createLiveJob(
  request: StartJobRequest,
  first: JobRecord,
  folder: string,
  { handleChange, keepHeld }: JobListener,
): LiveJob {
  const requestedMs = performance.now();
  const canceled = Promise.withResolvers<string>();
  const messages = createAsyncQueue<RunCommandMessage>();
  const input = request.start.stdin === 'pipe' ? createJobInput() : null;
  const clients = createClientWatch(first.lifetime, canceled.resolve);
  const spool = createSpoolWriter(folder, SPOOL_LIMITS, handleSpoolFailure);
  let record = first;
  let spoolFailure: RexaError | null = null;
  let running: Running | null = null;

  function change(fields: Partial<JobRecord>): void {
    record = { ...record, ...fields };
    handleChange(record);
  }

  /** A client that waits for a whole reply must not get a short one; a detached command has other work to do than to be read. */
  function handleSpoolFailure(cause: NodeJS.ErrnoException): void {
    spoolFailure = new RexaError('JOB_SPOOL_FAILED', [record.id, cause.message]);
    const { message } = spoolFailure;
    record = { ...record, note: message };
    if (record.lifetime !== 'detached') canceled.resolve(`: ${message}`);
  }

  const peer: RunPeer = {
    stdin: () => input?.source ?? createJobInput().source,
    stdout: createSpoolSink(spool, 0),
    stderr: createSpoolSink(spool, 1),
    reportStarted: () => undefined,
    reportRefused: () => undefined,
    reportHeld: () => undefined,
    nextMessage: () => messages.next(),
    gone: new Promise(() => undefined),
  };

  return {
    get record() {
      return record;
    },
    spool,
    input,
    clients,
    send: (message) => messages.push(message),
    cancel: canceled.resolve,
    async start(runner) {
      running = await runner.start(readStart(request.start, record.runId));
      const { pid } = running;
      change({ state: 'running', pid, pidStart: readProcess(pid)?.startTime ?? null });
    },
    async conduct() {
      if (running === null) return;
      const { encoding: _, ...outcome } = await conductRun(
        {
          request: withoutUndefined(request),
          requestedMs,
          prepared: NO_FILTERS,
          running,
          canceled: canceled.promise,
          keepHeld,
          handleEnded: () => undefined,
        },
        peer,
      );
      clients.stop();
      messages.end();
      // What a pump has written may still wait in front of the spool
      await Promise.all([untilFinished(peer.stdout), untilFinished(peer.stderr)]);
      await spool.end();
      change({ state: 'ended', endedMs: Date.now(), outcome: blameSpool(outcome, spoolFailure) });
    },
  };
}

/** However the command ended, its outcome must say that its output is incomplete. */
function blameSpool(outcome: JobOutcome, failure: RexaError | null): JobOutcome {
  return failure === null ? outcome : { ...outcome, code: failure.code, reason: failure.message };
}

function untilFinished(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableFinished) resolve();
    else stream.once('finish', () => resolve());
  });
}

function withoutUndefined({ timeoutMs, killAfterMs }: StartJobRequest) {
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(killAfterMs === undefined ? {} : { killAfterMs }),
  };
}

/** What is recorded of a job before it is spawned. */
export function firstRecord({ principal, id, hash, command, lifetime }: StartJobRequest): JobRecord {
  return {
    principal,
    id,
    hash,
    runId: randomUUID(),
    command,
    lifetime,
    createdMs: Date.now(),
    state: 'starting',
    pid: null,
    pidStart: null,
    boot: bootId(),
    endedMs: null,
    outcome: null,
    note: null,
  };
}
