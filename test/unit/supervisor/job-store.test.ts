import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { JOB_KEEP_MS } from '../../../src/supervisor/limits.ts';
import { MIGRATIONS } from '../../../src/supervisor/store/database.ts';
import { jobFolderName } from '../../../src/supervisor/store/job-record.ts';
import { type JobStore, openJobStore } from '../../../src/supervisor/store/job-store.ts';
import { makeJobRecord } from '../../fixtures/job-record.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function open(folder: string): JobStore {
  const store = openJobStore(folder, () => {});
  onTestFinished(() => {
    try {
      store.close();
    } catch {
      // the test has closed it
    }
  });
  return store;
}

/** Writes into the database behind the store's back. */
function execute(folder: string, sql: string): void {
  const database = new DatabaseSync(join(folder, 'jobs.db'));
  database.exec(sql);
  database.close();
}

describe('the records of jobs', () => {
  it('come back as they were written, by another process too', () => {
    const folder = makeFolder();
    const store = open(folder);
    const first = makeJobRecord({ state: 'starting', outcome: null, pid: null });
    store.insert(first);
    expect(store.find('uid:1000', 'a-job')).toEqual(first);
    expect(store.update(makeJobRecord())).toBe(true);
    store.close();
    expect(open(folder).find('uid:1000', 'a-job')).toEqual(makeJobRecord());
  });

  it('belong to their principal', () => {
    const store = open(makeFolder());
    store.insert(makeJobRecord());
    store.insert(makeJobRecord({ principal: 'uid:2', hash: 'other' }));
    expect(store.find('uid:2', 'a-job')?.hash).toBe('other');
    expect(store.find('uid:3', 'a-job')).toBeNull();
    expect(store.list('uid:2').length).toBe(1);
    expect(store.list('uid:3')).toEqual([]);
  });

  it('are listed, the newest first, and forgotten with their output when they are removed', () => {
    const folder = makeFolder();
    const store = open(folder);
    store.insert(makeJobRecord({ id: 'old', createdMs: 1 }));
    store.insert(makeJobRecord({ id: 'new', createdMs: 2 }));
    expect(store.list('uid:1000').map((found) => found.kind === 'record' && found.record.id)).toEqual([
      'new',
      'old',
    ]);
    store.remove('uid:1000', 'old');
    expect(store.find('uid:1000', 'old')).toBeNull();
    expect(readdirSync(folder).filter((name) => name.length === 32)).toEqual([
      jobFolderName('uid:1000', 'new'),
    ]);
  });

  it('are forgotten when they are old, unless the job still runs', () => {
    const store = open(makeFolder());
    const nowMs = JOB_KEEP_MS + 5000;
    store.insert(makeJobRecord({ id: 'old', endedMs: 4999 }));
    store.insert(makeJobRecord({ id: 'young', endedMs: 5001 }));
    store.insert(makeJobRecord({ id: 'running', endedMs: null, state: 'running', outcome: null }));
    store.tidy(nowMs);
    expect(['old', 'young', 'running'].map((id) => store.find('uid:1000', id) !== null)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('the output of ended jobs', () => {
  it('is removed when it is too much in all, the oldest first; the records stay', () => {
    const folder = makeFolder();
    const store = openJobStore(folder, () => {}, 2500);
    for (const [index, id] of ['oldest', 'old', 'new'].entries()) {
      const record = makeJobRecord({ id, createdMs: index, endedMs: 5000 });
      store.insert(record);
      writeFileSync(join(store.folderOf(record), '00000000'), Buffer.alloc(1000));
    }
    store.tidy(5000);
    const kept = ['oldest', 'old', 'new'].map((id) => {
      const record = store.find('uid:1000', id);
      return record !== null && existsSync(join(store.folderOf(record), '00000000'));
    });
    expect(kept).toEqual([false, true, true]);
    expect(store.list('uid:1000').length).toBe(3);
    store.close();
  });
});

describe('a database of an older schema', () => {
  it.each(MIGRATIONS.map((_, version) => version))(
    '%i is brought to this one with its records',
    (version) => {
      const folder = makeFolder();
      execute(folder, `${MIGRATIONS.slice(0, version).join('')}; PRAGMA user_version = ${version}`);
      if (version > 0) {
        execute(
          folder,
          `INSERT INTO jobs (principal, id, folder, hash, run_id, command, lifetime, created_ms, state, boot, ended_ms, outcome)
         VALUES ('uid:1000', 'a-job', 'f', 'a-hash', 'r', '{"line":"ls"}', '"detached"', 1, 'ended', 'b', 2,
                 '${JSON.stringify(makeJobRecord().outcome)}')`,
        );
      }
      const found = open(folder).find('uid:1000', 'a-job');
      expect(found?.hash ?? null).toBe(version > 0 ? 'a-hash' : null);
      expect(found?.note ?? null).toBeNull();
    },
  );

  it('of a newer rexa is left alone, with a clear error', () => {
    const folder = makeFolder();
    execute(folder, `PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    expect(() => open(folder)).toThrow(/written by a newer rexa/);
  });
});

describe('damage', () => {
  it('of one record is an error for that job alone', () => {
    const folder = makeFolder();
    const store = open(folder);
    store.insert(makeJobRecord({ id: 'bad' }));
    store.insert(makeJobRecord({ id: 'good' }));
    rmSync(join(folder, jobFolderName('uid:1000', 'bad'), 'job.json'));
    execute(folder, `UPDATE jobs SET outcome = '{' WHERE id = 'bad'`);
    expect(() => store.find('uid:1000', 'bad')).toThrow(/cannot read the record of the job bad/);
    expect(store.find('uid:1000', 'good')?.id).toBe('good');
    expect(
      store
        .list('uid:1000')
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['corrupt', 'record']);
  });

  it('of one record is mended from the header beside the output', () => {
    const folder = makeFolder();
    const store = open(folder);
    store.insert(makeJobRecord());
    execute(folder, `UPDATE jobs SET state = 'nonsense'`);
    expect(store.find('uid:1000', 'a-job')).toEqual(makeJobRecord());
  });

  it.each([
    ['is no database', (file: string) => writeFileSync(file, 'x'.repeat(10_000))],
    ['was cut off', (file: string) => truncateSync(file, 5000)],
    ['has a page of zeroes', (file: string) => writeFileSync(file, Buffer.alloc(4096), { flag: 'r+' })],
  ])('of a database that %s is mended from the headers', (_what, damage) => {
    const folder = makeFolder();
    const first = open(folder);
    for (let index = 0; index < 50; index++) first.insert(makeJobRecord({ id: `job-${index}` }));
    first.close();
    damage(join(folder, 'jobs.db'));
    const store = open(folder);
    expect(store.list('uid:1000').length).toBe(50);
    expect(store.find('uid:1000', 'job-7')).toEqual(makeJobRecord({ id: 'job-7' }));
    expect(existsSync(join(folder, 'jobs.db.damaged'))).toBe(true);
  });

  it('that cannot be mended when it is found is mended later', () => {
    const folder = makeFolder();
    const store = open(folder);
    store.insert(makeJobRecord());
    store.update(makeJobRecord());
    execute(folder, "UPDATE jobs SET note = 'x'; PRAGMA wal_checkpoint(TRUNCATE)");
    truncateSync(join(folder, 'jobs.db'), 5000);
    // The damaged database cannot be put aside
    mkdirSync(join(folder, 'jobs.db.damaged/full'), { recursive: true });
    for (const _attempt of [1, 2]) {
      expect(() => store.find('uid:1000', 'a-job')).toThrow(
        expect.objectContaining({ code: 'JOBS_UNUSABLE' }),
      );
    }
    rmSync(join(folder, 'jobs.db.damaged'), { recursive: true });
    expect(store.find('uid:1000', 'a-job')).toEqual(makeJobRecord());
  });

  it('of a database that is gone is mended too: no id that was used is free again', () => {
    const folder = makeFolder();
    const first = open(folder);
    first.insert(makeJobRecord());
    first.close();
    for (const name of readdirSync(folder)) if (name.startsWith('jobs.db')) rmSync(join(folder, name));
    expect(open(folder).find('uid:1000', 'a-job')).toEqual(makeJobRecord());
  });

  it.each([
    ['lacks the row', 'DELETE FROM jobs'],
    ['has the row under another id', "UPDATE jobs SET id = 'b-job', folder = 'b'"],
    ['has the row of another principal', "UPDATE jobs SET principal = 'uid:2', folder = 'b'"],
  ])('of a database that %s is found when the id is asked for, and by the next supervisor', (_what, sql) => {
    for (const isReopened of [false, true]) {
      const folder = makeFolder();
      let store = open(folder);
      store.insert(makeJobRecord());
      execute(folder, sql);
      if (isReopened) {
        store.close();
        store = open(folder);
        expect(store.list('uid:1000')).toContainEqual({ kind: 'record', record: makeJobRecord() });
      }
      expect(store.find('uid:1000', 'a-job')).toEqual(makeJobRecord());
    }
  });

  it.each([0, 0.25, 0.5, 0.75, 0.99])(
    'of a write-ahead log that is cut to %d of its length forgets no id, neither of a live supervisor nor of the next',
    (share) => {
      for (const isReopened of [false, true]) {
        const folder = makeFolder();
        const first = openJobStore(folder, () => {});
        const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`);
        for (const id of ids) first.insert(makeJobRecord({ id }));
        const log = join(folder, 'jobs.db-wal');
        truncateSync(log, Math.floor(statSync(log).size * share));
        // A supervisor that was killed leaves its files as they are
        const place = isReopened ? makeFolder() : folder;
        if (isReopened) cpSync(folder, place, { recursive: true });
        const store = isReopened ? open(place) : first;
        for (const id of ids) expect(store.find('uid:1000', id)).toEqual(makeJobRecord({ id }));
        store.insert(makeJobRecord({ id: 'next' }));
        expect(store.find('uid:1000', 'next')?.id).toBe('next');
        if (isReopened) first.close();
      }
    },
  );

  it('of a database whose job has output and no record leaves an id that is not run again', () => {
    const folder = makeFolder();
    const store = open(folder);
    store.insert(makeJobRecord());
    const jobFolder = store.folderOf(makeJobRecord());
    writeFileSync(join(jobFolder, '00000000'), 'output');
    rmSync(join(jobFolder, 'job.json'));
    execute(folder, 'DELETE FROM jobs');
    expect(() => store.find('uid:1000', 'a-job')).toThrow(/whether it ran is unknown/);
  });

  it('that hides the end of a job is settled by the record in its folder, else the job is lost', () => {
    const folder = makeFolder();
    const store = open(folder);
    const running = makeJobRecord({ state: 'running', endedMs: null, outcome: null });
    store.insert(running);
    expect(store.settle(running, 'why')).toMatchObject({ state: 'lost', note: 'why' });
    store.update(makeJobRecord());
    execute(folder, "UPDATE jobs SET state = 'running', outcome = NULL");
    expect(store.settle(running, 'why')).toEqual(makeJobRecord());
    expect(store.find('uid:1000', 'a-job')).toEqual(makeJobRecord());
    expect(store.settle({ ...running, runId: 'another run' }, 'why').state).toBe('lost');
  });

  it('that keeps the database from being written leaves the outcome in the folder', () => {
    const folder = makeFolder();
    const said: string[] = [];
    const store = openJobStore(folder, (text, facts) => said.push(`${text} ${JSON.stringify(facts)}`));
    const running = makeJobRecord({ state: 'running', endedMs: null, outcome: null });
    store.insert(running);
    execute(folder, 'ALTER TABLE jobs RENAME TO others');
    expect(store.update(makeJobRecord())).toBe(false);
    expect(said.join()).toMatch(/cannot be written .*no such table/);
    expect(said.join()).not.toMatch(/nothing was run/);
    execute(folder, 'ALTER TABLE others RENAME TO jobs');
    expect(store.settle(running, 'why')).toEqual(makeJobRecord());
    store.close();
  });

  it('does not keep what is old from being tidied another time, and ends nobody', () => {
    const folder = makeFolder();
    const store = open(folder);
    store.insert(makeJobRecord());
    execute(folder, 'ALTER TABLE jobs RENAME TO others');
    expect(() => store.tidy(JOB_KEEP_MS * 2)).not.toThrow();
    execute(folder, 'ALTER TABLE others RENAME TO jobs');
    store.tidy(JOB_KEEP_MS * 2);
    expect(store.find('uid:1000', 'a-job')).toBeNull();
  });

  it('that keeps a job from being recorded leaves nothing of it behind', () => {
    const folder = makeFolder();
    const store = open(folder);
    execute(folder, 'ALTER TABLE jobs RENAME TO others');
    expect(() => store.insert(makeJobRecord())).toThrow(/no such table/);
    expect(existsSync(store.folderOf(makeJobRecord()))).toBe(false);
  });

  it('of the database and of a header leaves an id that is not run again, and can be pruned', () => {
    const folder = makeFolder();
    const first = open(folder);
    first.insert(makeJobRecord());
    first.close();
    writeFileSync(join(folder, 'jobs.db'), 'x'.repeat(10_000));
    writeFileSync(join(folder, jobFolderName('uid:1000', 'a-job'), 'job.json'), '{');
    const store = open(folder);
    expect(() => store.find('uid:1000', 'a-job')).toThrow(/whether it ran is unknown/);
    store.remove('uid:1000', 'a-job');
    expect(store.find('uid:1000', 'a-job')).toBeNull();
  });

  it('of a folder that cannot be made is told, and nothing is recorded', () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'jobs'), '');
    expect(() => openJobStore(join(folder, 'jobs'), () => {})).toThrow(/cannot record jobs/);
    mkdirSync(join(folder, 'other'));
    const store = open(join(folder, 'other'));
    writeFileSync(join(folder, 'other', jobFolderName('uid:1000', 'a-job')), '');
    store.insert(makeJobRecord());
    expect(store.find('uid:1000', 'a-job')).not.toBeNull();
  });
});
