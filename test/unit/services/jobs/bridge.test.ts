import { describe, expect, it } from 'vitest';
import type { LinkChannel } from '../../../../src/link/channel.ts';
import { bridgeJob } from '../../../../src/services/jobs/bridge.ts';
import { createRunFilters } from '../../../../src/services/run/run-filters.ts';
import { chooseEncoding } from '../../../../src/transcode/choose-encoding.ts';
import { JOB_VIEW } from '../../../fixtures/job-view.ts';
import { openClient, openSetup } from '../../../fixtures/link/resumable-pair.ts';

const FIRST = { type: 'job', job: JOB_VIEW, repeated: false } as const;

/** Both ends of a channel. */
async function openPair(): Promise<readonly [near: LinkChannel, far: LinkChannel]> {
  const house = await openSetup();
  const near = (await openClient(house)).open({}, [0, 1]);
  const far = await (await house.nextLink()).nextChannel();
  if (!far) throw new Error('no channel came');
  return [near, far];
}

describe('a client that is put together with a job', () => {
  it('hears all that the supervisor says, however close it stands before its last word', async () => {
    const [client, daemon] = await openPair();
    const [job, supervisor] = await openPair();
    const binary = await chooseEncoding('binary', 'utf8');
    const filters = createRunFilters(binary, binary, 'cancel');
    const released = new Promise(() => undefined);
    const bridge = bridgeJob(
      daemon,
      { kind: 'attached', channel: job, first: FIRST },
      { filters, isText: false, sendsStdin: false, isStarter: true, released },
    ).then(() => daemon.close({}));
    const troubles = ['a', 'b', 'c', 'd', 'e'].map((message) => ({ type: 'trouble', code: 'GONE', message }));
    for (const stream of [0, 1]) supervisor.output(stream).end();
    for (const trouble of troubles) supervisor.send(trouble);
    supervisor.close({ job: { ...JOB_VIEW } });
    for (const stream of [0, 1]) client.input(stream).resume();
    const heard: unknown[] = [];
    for (let next = await client.nextMessage(); next !== null; next = await client.nextMessage())
      heard.push(next);
    await bridge;
    expect(heard).toEqual([FIRST, ...troubles]);
  });
});
