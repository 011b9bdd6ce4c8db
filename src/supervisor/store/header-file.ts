import fs from 'node:fs';
import path from 'node:path';
import { RexaError } from '../../protocol/errors.ts';
import { segmentPath } from '../spool/segment.ts';
import { type JobRecord, readJobRecord } from './job-record.ts';

const NAME = 'job.json';

/** The record beside a job's output, from which a damaged database is made anew. */
export function writeHeader(folder: string, record: JobRecord): void {
  const draft = path.join(folder, `${NAME}.new`);
  fs.writeFileSync(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  fs.renameSync(draft, path.join(folder, NAME));
}

/**
 * @returns null when the folder has none, and no output: nothing was run of what it was made for
 * @throws RexaError JOB_RECORD_CORRUPT
 */
export function readHeader(folder: string): JobRecord | null {
  const name = path.basename(folder);
  try {
    return readJobRecord(name, JSON.parse(fs.readFileSync(path.join(folder, NAME), 'utf8')));
  } catch (error) {
    if (error instanceof RexaError) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && !fs.existsSync(segmentPath(folder, 0))) return null;
    throw new RexaError('JOB_RECORD_CORRUPT', [name, String(error)], { cause: error });
  }
}
