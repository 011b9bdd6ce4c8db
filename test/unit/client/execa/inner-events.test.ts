import { addAbortListener, EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { AbortController as InnerController } from '../../../../src/client/execa/redirects/abort.ts';
import { on, once } from '../../../../src/client/execa/redirects/events.ts';

/** As execa calls these functions: its controllers are taken for those of Node. */
function makeController(): AbortController {
  return new InnerController() as unknown as AbortController;
}

function openStream(): Readable {
  return new Readable({ read() {}, objectMode: true });
}

/** Reads an iteration to its end, or its failure. */
async function readAll(iteration: AsyncIterable<unknown[]>): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const [value] of iteration) seen.push(value);
  } catch (error) {
    seen.push(error);
  }
  return seen;
}

describe('an inner signal', () => {
  it('is heard by functions of Node, and aborts once', async () => {
    const controller = makeController();
    let heard = 0;
    addAbortListener(controller.signal, () => heard++);
    const end = finished(openStream(), { signal: controller.signal });
    controller.abort('first');
    controller.abort('second');
    await expect(end).rejects.toMatchObject({ name: 'AbortError', cause: 'first' });
    expect([heard, controller.signal.aborted, controller.signal.reason]).toEqual([1, true, 'first']);
  });

  it('does not call a listener that was removed, or whose own signal was aborted', () => {
    const [controller, until] = [makeController(), makeController()];
    const heard: string[] = [];
    addAbortListener(controller.signal, () => heard.push('disposed'))[Symbol.dispose]();
    controller.signal.addEventListener('abort', () => heard.push('over'), { signal: until.signal });
    controller.signal.addEventListener('abort', () => heard.push('kept'));
    until.abort();
    controller.abort();
    expect(heard).toEqual(['kept']);
  });
});

describe('once', () => {
  it('resolves with the arguments of the event, and hears nothing after the abort', async () => {
    const [emitter, controller] = [new EventEmitter(), makeController()];
    const first = once(emitter, 'told', { signal: controller.signal });
    emitter.emit('told', 1, 2);
    expect(await first).toEqual([1, 2]);
    void once(emitter, 'told', { signal: controller.signal });
    controller.abort();
    expect(emitter.listenerCount('told')).toBe(0);
  });
});

describe('on', () => {
  const failure = new Error('broken');

  it.each([
    ['what came before the abort', ['a', 'b'], 'abort', ['a', 'b']],
    ['nothing where nothing came', [], 'abort', []],
    ['what came before an error, and the error', ['a'], 'error', ['a', failure]],
  ] as const)('gives %s', async (_, chunks, end, seen) => {
    const [stream, controller] = [openStream(), makeController()];
    const iteration = on(stream, 'data', { signal: controller.signal, highWaterMark: 9 });
    for (const chunk of chunks) stream.emit('data', chunk);
    if (end === 'abort') controller.abort();
    else stream.emit('error', failure);
    stream.emit('data', 'late');
    expect(await readAll(iteration)).toEqual(seen);
    expect([stream.listenerCount('data'), stream.listenerCount('error')]).toEqual([0, 0]);
  });

  it('gives a reader that waits what comes next, or the error', async () => {
    const [stream, controller] = [openStream(), makeController()];
    const seen = readAll(on(stream, 'data', { signal: controller.signal }));
    await Promise.resolve();
    stream.emit('data', 'a');
    await Promise.resolve();
    stream.emit('error', failure);
    expect(await seen).toEqual(['a', failure]);
  });

  it('pauses the stream while too much waits', async () => {
    const [stream, controller] = [openStream(), makeController()];
    const iteration = on(stream, 'data', { signal: controller.signal, highWaterMark: 2 });
    for (const chunk of ['a', 'b']) stream.emit('data', chunk);
    expect(stream.isPaused()).toBe(false);
    stream.emit('data', 'c');
    expect(stream.isPaused()).toBe(true);
    for (let taken = 0; taken < 3; taken++) await iteration.next();
    expect(stream.isPaused()).toBe(false);
  });

  it('hears nothing more when its reader leaves', async () => {
    const [stream, controller] = [openStream(), makeController()];
    const iteration = on(stream, 'data', { signal: controller.signal, highWaterMark: 9 });
    stream.emit('data', 'a');
    for await (const [value] of iteration) {
      expect(value).toBe('a');
      break;
    }
    expect([stream.listenerCount('data'), stream.listenerCount('error')]).toEqual([0, 0]);
  });
});
