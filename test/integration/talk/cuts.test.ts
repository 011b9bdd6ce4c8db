import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { hear } from '../../fixtures/services/open-talk.ts';

const SEED = Number(process.env['REXA_SEED'] ?? 1);

describe('a conversation whose connection is lost', () => {
  it('again and again is the same for all members: nobody leaves, nothing is lost, nothing comes twice', async () => {
    await using daemon = await startDaemon();
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED, {
      cutAfterBytes: [2_000, 20_000],
      cuts: 10,
    });
    const enter = async (address: string) => {
      const host = await connect(address);
      onTestFinished(() => host.close());
      const member = hear(await host.talk());
      await member.find(({ kind }) => kind === 'entered');
      return member;
    };
    const near = await enter(daemon.address);
    const far = await enter(`unix:${(proxy.place as { readonly path: string }).path}`);
    const say = async (member: typeof near, who: string): Promise<void> => {
      for (let index = 0; index < 400; index++) await member.talk.say(`${who} ${index} ${'x'.repeat(50)}`);
    };
    await Promise.all([say(near, 'near'), say(far, 'far')]);
    far.talk.finish();
    expect(await far.ended).toBeNull();
    await near.find(({ kind }) => kind === 'left');
    expect(proxy.cut).toBeGreaterThan(0);
    const [nearEvents, farEvents] = [near, far].map(({ events }) => events.filter((event) => 'n' in event));
    expect(nearEvents?.filter(({ kind }) => kind === 'say')).toHaveLength(800);
    expect(farEvents).toEqual(nearEvents?.slice(1, -1).slice(0, farEvents?.length));
    expect(farEvents?.filter(({ kind }) => kind === 'say').length).toBeGreaterThanOrEqual(400);
    expect(near.events.filter(({ kind }) => kind === 'left')).toHaveLength(1);
  });
});
