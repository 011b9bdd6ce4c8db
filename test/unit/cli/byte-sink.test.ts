import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSink, createStreamSink } from '../../../src/cli/output/byte-sink.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rexa-sink-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file as a sink', () => {
  it('takes every byte, at the place where the descriptor stands', async () => {
    const path = join(folder, 'out');
    const fd = openSync(path, 'w');
    writeSync(fd, 'before ');
    const sink = createFileSink(fd);
    await sink.write(Buffer.from('one '));
    await sink.write(new Uint8Array(0));
    await sink.write(Buffer.from('two'));
    writeSync(fd, ' behind');
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe('before one two behind');
  });

  it.runIf(process.platform === 'linux')('says that there is no space', async () => {
    const fd = openSync('/dev/full', 'w');
    await expect(createFileSink(fd).write(Buffer.from('x'))).rejects.toMatchObject({ code: 'ENOSPC' });
    closeSync(fd);
  });
});

describe('a stream as a sink', () => {
  it('resolves when the stream has taken the bytes', async () => {
    const stream = new PassThrough();
    await createStreamSink(stream).write(Buffer.from('abc'));
    expect(stream.read()).toEqual(Buffer.from('abc'));
  });

  it('fails with the error of the stream, and with the same one ever after', async () => {
    const failure = Object.assign(new Error('closed'), { code: 'EPIPE' });
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(failure) });
    const sink = createStreamSink(stream);
    await expect(sink.write(Buffer.from('a'))).rejects.toBe(failure);
    await expect(sink.write(Buffer.from('b'))).rejects.toBe(failure);
  });
});
