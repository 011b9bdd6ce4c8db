import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createJobInput } from '../../../src/supervisor/jobs/job-input.ts';

describe("a job's stdin", () => {
  it('gets each byte once of a stream that is sent again from its start', async () => {
    const input = createJobInput();
    const broken = new PassThrough();
    input.feed(broken, 'start');
    broken.write('hello ');
    await new Promise((resolve) => input.source.once('readable', resolve));
    broken.destroy(new Error('the client is gone'));
    input.feed(Readable.from([Buffer.from('hel'), Buffer.from('lo wo'), Buffer.from('rld')]), 'start');
    expect(await text(input.source)).toBe('hello world');
  });

  it('goes on behind that with what another one attaches', async () => {
    const input = createJobInput();
    const first = new PassThrough();
    input.feed(first, 'start');
    first.write('one ');
    await new Promise((resolve) => input.source.once('readable', resolve));
    first.destroy();
    input.feed(Readable.from([Buffer.from('one '), Buffer.from('two')]), 'now');
    expect(await text(input.source)).toBe('one one two');
  });

  it('is not at its end when whoever wrote it is only gone', async () => {
    const input = createJobInput();
    const first = new PassThrough();
    input.feed(first, 'start');
    first.destroy(new Error('lost'));
    for (let round = 0; round < 20; round++) await new Promise(setImmediate);
    expect(input.source.readableEnded).toBe(false);
    input.feed(Readable.from([]), 'now');
    expect(await text(input.source)).toBe('');
  });
});
