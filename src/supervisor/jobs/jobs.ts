import { setTimeout as sleep } from 'node:timers/promises';
import { createHeldPipes } from '../../process/conduct/held-pipes.ts';
import type { Runner } from '../../process/runner/runner.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { JobView } from '../../protocol/job.ts';
import type { StartJobRequest } from '../../services/jobs/supervisor-messages.ts';
import { MAX_RUNNING_JOBS, MAX_RUNNING_JOBS_PER_OWNER, SUPERVISOR_RETRY_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import { createOwnerPool } from '../owner-pool.ts';
import { isOver, type JobRecord } from '../store/job-record.ts';
import type { JobStore } from '../store/job-store.ts';
import { createLiveJob, firstRecord, type LiveJob } from './live-job.ts';
import { viewOf } from './view.ts';

/** A job that was found, or has just been made. */
export interface FoundJob {
  /** As it is now. */
  readonly record: JobRecord;
  /** Null: it is over. */
  readonly live: LiveJob | null;
  readonly folder: string;
}

/** All jobs of this account. */
export interface Jobs {
  readonly liveCount: number;
  /** Resolves when the job runs, or is known from before. @throws RexaError RUN_ID_TAKEN, and why nothing was run */
  start(request: StartJobRequest): Promise<FoundJob & { readonly repeated: boolean }>;
  /** @throws RexaError JOB_UNKNOWN, JOB_RECORD_CORRUPT, JOBS_UNUSABLE */
  find(principal: string, id: string): FoundJob;
  /** The newest first. @throws RexaError JOBS_UNUSABLE */
  list(principal: string): JobView[];
  /** Forgets jobs that are over: those that are named, or all that ended before then. @returns their ids */
  prune(principal: string, ids: readonly string[] | null, beforeMs: number): string[];
  /** Ends all that run, and resolves when that is recorded. */
  endAll(why: string): Promise<void>;
  /** Resolves when the job's outcome is known. */
  untilOver(live: LiveJob): Promise<void>;
}

/** A live job and what can be waited for. */
interface Entry {
  readonly live: LiveJob;
  /** Rejects when nothing was run. */
  readonly started: Promise<void>;
  /** Its outcome is known. */
  readonly over: PromiseWithResolvers<void>;
  /** And on the disk. */
  readonly recorded: PromiseWithResolvers<void>;
}

export function createJobs(store: JobStore, runner: Runner, log: Log): Jobs {
  const entries = new Map<string, Entry>();
  const heldPipes = createHeldPipes();
  const running = createOwnerPool(MAX_RUNNING_JOBS, MAX_RUNNING_JOBS_PER_OWNER);
  const keyOf = ({ principal, id }: { principal: string; id: string }): string => `${principal}\0${id}`;

  const leaving = Promise.withResolvers<void>();
  let isLeaving = false;

  /**
   * Writes an outcome, again and again until it is on the disk: one that is known must not be reported as lost later. A
   * supervisor that was told to leave tries once more and leaves.
   */
  async function persist(record: JobRecord): Promise<void> {
    while (!store.update(record)) {
      if (isLeaving) return log('the outcome of a job could not be recorded', { id: record.id });
      await Promise.race([sleep(SUPERVISOR_RETRY_MS), leaving.promise]);
    }
  }

  /** Everything up to the first await is one step: of two requests under one id, one makes the job and the other finds it. */
  function launch(request: StartJobRequest): Entry {
    const giveBack = running.take(request.principal);
    if (giveBack === null) throw new RexaError('JOBS_EXHAUSTED', [running.heldBy(request.principal)]);
    const record = firstRecord(request);
    try {
      store.insert(record);
    } catch (error) {
      giveBack();
      throw error;
    }
    const live = createLiveJob(request, record, store.folderOf(record), {
      handleChange(changed) {
        if (changed.state === 'running') store.update(changed);
      },
      keepHeld: (pipe) => heldPipes.keep(request.principal, pipe),
    });
    const started = live.start(runner);
    const [over, recorded] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const entry = { live, started, over, recorded };
    entries.set(keyOf(request), entry);
    void recorded.promise.then(giveBack);
    void follow(entry);
    return entry;
  }

  function forget(principal: string, id: string): void {
    try {
      store.remove(principal, id);
    } catch (error) {
      // The next supervisor takes it for lost; the other jobs of this one are not concerned
      log('the record of a job that was not run cannot be removed', { principal, id, error: String(error) });
    }
  }

  async function follow({ live, started, over, recorded }: Entry): Promise<void> {
    const { principal, id } = live.record;
    try {
      await started;
    } catch {
      // Nothing was run: the id may be used again
      entries.delete(keyOf(live.record));
      forget(principal, id);
      over.resolve();
      return recorded.resolve();
    }
    log('a job runs', { principal, id, pid: live.record.pid });
    await live.conduct();
    const { outcome } = live.record;
    log('a job has ended', { principal, id, outcome: outcome?.name, exitCode: outcome?.exitCode });
    over.resolve();
    await persist(live.record);
    entries.delete(keyOf(live.record));
    recorded.resolve();
  }

  function lookUp(principal: string, id: string): FoundJob | null {
    const entry = entries.get(keyOf({ principal, id }));
    const folder = store.folderOf({ principal, id });
    if (entry)
      return { record: entry.live.record, live: isOver(entry.live.record) ? null : entry.live, folder };
    const record = store.find(principal, id);
    return record && { record: settle(record), live: null, folder };
  }

  /** Looks a job up before and after its start. @throws RexaError JOB_RECORD_CORRUPT, JOB_ID_UNCHECKED */
  function check(principal: string, id: string): FoundJob | null {
    try {
      return lookUp(principal, id);
    } catch (error) {
      if (!(error instanceof RexaError) || error.code === 'JOB_RECORD_CORRUPT') throw error;
      throw new RexaError('JOB_ID_UNCHECKED', [id, error.message], { cause: error });
    }
  }

  /** A record that says that the job runs, of a job that does not: the database has lost what came after. */
  function settle(record: JobRecord): JobRecord {
    return isOver(record) ? record : store.settle(record, 'what became of it is missing from the records');
  }

  return {
    get liveCount() {
      return entries.size;
    },
    async start(request) {
      const { principal, id, hash } = request;
      const known = check(principal, id);
      if (known !== null && known.record.hash !== hash) throw new RexaError('RUN_ID_TAKEN', [id]);
      const entry = known === null ? launch(request) : entries.get(keyOf(request));
      await entry?.started;
      const found = check(principal, id) ?? known;
      if (found === null) throw new RexaError('JOB_UNKNOWN', [id]);
      return { ...found, repeated: known !== null };
    },
    find(principal, id) {
      const found = lookUp(principal, id);
      if (found === null) throw new RexaError('JOB_UNKNOWN', [id]);
      return found;
    },
    list(principal) {
      return store.list(principal).map((found) => {
        if (found.kind === 'corrupt') return viewOf(found);
        return viewOf({
          kind: 'record',
          record: entries.get(keyOf(found.record))?.live.record ?? settle(found.record),
        });
      });
    },
    prune(principal, ids, beforeMs) {
      const chosen = ids ?? listIds(store, principal);
      return chosen.filter((id) => {
        if (entries.has(keyOf({ principal, id })) || !mayForget(store, principal, id, beforeMs)) return false;
        store.remove(principal, id);
        return true;
      });
    },
    async endAll(why) {
      isLeaving = true;
      leaving.resolve();
      const all = [...entries.values()];
      for (const { live } of all) live.cancel(why);
      await Promise.all(all.map(({ recorded }) => recorded.promise));
    },
    async untilOver(live) {
      await entries.get(keyOf(live.record))?.over.promise;
    },
  };
}

function listIds(store: JobStore, principal: string): string[] {
  return store.list(principal).map((found) => (found.kind === 'corrupt' ? found.id : found.record.id));
}

/** Whether it ended before then. A record that can't be read is of no age. */
function mayForget(store: JobStore, principal: string, id: string, beforeMs: number): boolean {
  try {
    const record = store.find(principal, id);
    return record !== null && isOver(record) && (record.endedMs ?? 0) <= beforeMs;
  } catch (error) {
    return error instanceof RexaError && error.code === 'JOB_RECORD_CORRUPT';
  }
}
