import type { StartedJob } from '../../client/run-types.ts';

/** Where the output of a job is read from: at the same place each time that it is read again. */
export interface ReadingStart {
  readonly options: { readonly since?: number; readonly sinceMs?: number };
  /** Keeps the place that the host names for a reading. */
  follow(reading: { readonly job: Promise<StartedJob | null> }): void;
}

/** @param sinceAgoMs only the output of the last so many milliseconds, by the clock of the host; undefined: all of it */
export function createReadingStart(sinceAgoMs: number | undefined): ReadingStart {
  let options: ReadingStart['options'] = sinceAgoMs === undefined ? {} : { since: sinceAgoMs };
  return {
    get options() {
      return options;
    },
    follow(reading) {
      void reading.job.then((job) => {
        if (sinceAgoMs !== undefined && job !== null) options = { sinceMs: job.sinceMs };
      });
    },
  };
}
