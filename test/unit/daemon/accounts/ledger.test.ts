import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../../src/auth/principal.ts';
import { createLedger } from '../../../../src/daemon/accounts/ledger.ts';
import { CHANNELS_QUOTA, RUNS_QUOTA } from '../../../../src/daemon/limits.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';
import { RUN_COSTS } from '../../../../src/services/run/server.ts';
import type { Turn } from '../../../../src/services/service.ts';
import { principalWith, LOCAL_PRINCIPAL as user } from '../../../fixtures/granted-login.ts';

const NEVER = new Promise<never>(() => {});
const flooding = principalWith({ fingerprint: 'SHA256:flood' });
const other = principalWith({ fingerprint: 'SHA256:other' });
const bound = principalWith({ fingerprint: 'SHA256:bound', restricted: true });

/** Asks for so many turns of a principal; `turns` are those that have come. */
function ask(
  ledger: ReturnType<typeof createLedger>,
  principal: Principal,
  count: number,
  costs = RUN_COSTS,
) {
  const account = ledger.account(principal);
  const turns: Turn[] = [];
  const all = Array.from({ length: count }, async () => {
    const turn = await account.awaitTurn(costs, NEVER);
    if (turn === null) return;
    turns.push(turn);
    turn.started();
  });
  return { turns, all: Promise.all(all) };
}

/** Enough turns of the event loop for all that may start to have started. */
async function settle(): Promise<void> {
  for (let count = 0; count < 2000; count++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the ledger of a daemon', () => {
  it('starts one call in each turn of the event loop, and principals take turns', async () => {
    const ledger = createLedger(10_000);
    const order: string[] = [];
    const start = async (principal: Principal, name: string): Promise<void> => {
      const turn = await ledger.account(principal).awaitTurn(RUN_COSTS, NEVER);
      order.push(name);
      turn?.started();
    };
    await Promise.all([...Array(6).keys()].map(() => start(flooding, 'f')).concat(start(other, 'o')));
    expect(order.indexOf('o')).toBeLessThan(3);
  });

  it.each([
    ['a key', flooding, RUNS_QUOTA.key],
    ['a bound key', bound, RUNS_QUOTA.bound],
  ])(
    'lets the commands of %s wait that has as many as it may, and goes on when one ends',
    async (_name, principal, most) => {
      const ledger = createLedger(100_000);
      const { turns } = ask(ledger, principal, most + 2);
      await settle();
      expect(turns.length).toBe(most);
      turns[0]?.over();
      turns[0]?.over();
      await settle();
      expect(turns.length).toBe(most + 1);
    },
  );

  it('lets questions through while the commands of the same principal wait', async () => {
    const ledger = createLedger(100_000);
    ask(ledger, bound, RUNS_QUOTA.bound + 5);
    await ask(ledger, bound, 3, {}).all;
  });

  it('leaves descriptors for others, and a reserve for its own user', async () => {
    const ledger = createLedger(160);
    const flood = ask(ledger, flooding, 100);
    await settle();
    const second = ask(ledger, other, 100);
    await settle();
    const own = ask(ledger, user, 100);
    await settle();
    expect(flood.turns.length).toBeLessThan(20);
    expect(second.turns.length).toBeGreaterThan(5);
    expect(own.turns.length).toBeGreaterThan(10);
  });

  it('tells whoever waits once how many commands run, and nobody who starts', async () => {
    const ledger = createLedger(100_000);
    const account = ledger.account(bound);
    const told: number[] = [];
    const turns: (Turn | null)[] = [];
    for (let count = 0; count < RUNS_QUOTA.bound; count++)
      turns.push(await account.awaitTurn(RUN_COSTS, NEVER, (running) => told.push(running)));
    expect(told).toEqual([]);
    const first = account.awaitTurn(RUN_COSTS, NEVER, (running) => told.push(running));
    void account.awaitTurn(RUN_COSTS, NEVER, (running) => told.push(running));
    expect(told).toEqual([RUNS_QUOTA.bound, RUNS_QUOTA.bound]);
    turns[0]?.over();
    await first;
    expect(told).toHaveLength(2);
  });

  it('forgets what is withdrawn', async () => {
    const ledger = createLedger(100_000);
    const { turns } = ask(ledger, bound, RUNS_QUOTA.bound);
    await settle();
    const withdrawn = Promise.withResolvers<void>();
    const waiting = ledger.account(bound).awaitTurn(RUN_COSTS, withdrawn.promise);
    const next = ask(ledger, bound, 1);
    withdrawn.resolve();
    expect(await waiting).toBeNull();
    turns[0]?.over();
    await next.all;
  });

  it('refuses what waits and whoever comes once it is closed', async () => {
    const ledger = createLedger(100_000);
    ask(ledger, bound, RUNS_QUOTA.bound);
    await settle();
    const waiting = ledger.account(bound).awaitTurn(RUN_COSTS, NEVER);
    ledger.close(new RexaError('SHUTTING_DOWN'));
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(ledger.account(other).awaitTurn(RUN_COSTS, NEVER)).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    });
  });

  it('takes all of several things or nothing', () => {
    const account = createLedger(100_000).account(bound);
    const bill = account.takeAll({ channels: CHANNELS_QUOTA.bound });
    expect(account.takeAll({ connections: 1, channels: 1 })).toBeNull();
    bill?.giveBack();
    bill?.giveBack();
    expect(account.takeAll({ connections: 32, channels: CHANNELS_QUOTA.bound })).not.toBeNull();
    expect(account.takeAll({ channels: 1 })).toBeNull();
  });
});
