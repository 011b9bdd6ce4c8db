import type { Principal } from '../../auth/principal.ts';
import type { RexaError } from '../../protocol/errors.ts';
import { type Claimant, createFairPool, type FairPool } from '../../protocol/fair-pool.ts';
import { createFairQueue } from '../../protocol/fair-queue.ts';
import { OWNER_RESERVE_SHARE } from '../../protocol/limits.ts';
import type { Bill, Costs, Resource, Turn } from '../../services/service.ts';
import { MAX_STARTS_AT_ONCE, type Quota } from '../limits.ts';
import { type Allowance, allowanceOf, claimantOf, QUOTAS } from './allowance.ts';

/** A connection that has logged in. */
export const CONNECTION_COSTS: Costs = { connections: 1, descriptors: 1 };

/** What one principal has taken of everything that is bounded. */
export interface Account extends Claimant {
  readonly allowance: Allowance;
  /** Takes so many of these; false: it has as many as it may. */
  take(resource: Resource, amount?: number): boolean;
  giveBack(resource: Resource, amount?: number): void;
  /** Takes all of these, or nothing: null. */
  takeAll(costs: Costs): Bill | null;
  /** What it may hold of this at most, for messages. */
  mostOf(resource: Resource): number;
  /**
   * Waits until a call may start: principals take turns, and a call waits while its principal has as many as it may of what
   * it costs.
   * @param withdrawn resolves when the call is withdrawn
   * @param handleWaiting is called once if the principal has as many as it may, with how many commands of it run
   * @returns null: it was withdrawn
   * @throws RexaError with which the ledger was closed
   */
  awaitTurn(
    costs: Costs,
    withdrawn: Promise<unknown>,
    handleWaiting?: (running: number) => void,
  ): Promise<Turn | null>;
}

/** The accounts of all principals of a daemon. */
export interface Ledger {
  account(principal: Principal): Account;
  /** Nothing starts any more: waiting and new calls are refused with this error. */
  close(error: RexaError): void;
}

interface Waiting {
  readonly account: Account;
  readonly costs: Costs;
  state: 'waiting' | 'withdrawn';
  bill: Bill | null;
  /** Null once it was called. */
  handleWaiting: ((running: number) => void) | null;
  readonly answer: PromiseWithResolvers<Turn | null>;
}

/** @param descriptors that commands and connections may take in all */
export function createLedger(descriptors: number): Ledger {
  const pools: Readonly<Record<Resource, FairPool>> = {
    ...poolQuotas(),
    starts: withReserve(MAX_STARTS_AT_ONCE),
    descriptors: withReserve(descriptors),
  };
  const queue = createFairQueue<Waiting>();
  let closedWith: RexaError | null = null;
  /** One call starts in each turn of the event loop: what it costs in time, others wait for. */
  let state: 'idle' | 'started' = 'idle';

  function dispatch(): void {
    while (state === 'idle') {
      const next = queue.shift((item) => item.state === 'withdrawn' || mayStart(item));
      if (next === undefined) return;
      if (next.state === 'withdrawn') continue;
      state = 'started';
      setImmediate(() => {
        state = 'idle';
        dispatch();
      });
      next.answer.resolve(createTurn(next));
    }
  }

  function mayStart(item: Waiting): boolean {
    if (!item.account.take('starts')) return false;
    item.bill = item.account.takeAll(item.costs);
    if (item.bill !== null) return true;
    pools.starts.giveBack(item.account.owner, 1);
    reportWaiting(item);
    return false;
  }

  function reportWaiting(item: Waiting): void {
    item.handleWaiting?.(pools.runs.heldBy(item.account.owner));
    item.handleWaiting = null;
  }

  function createTurn({ account, bill }: Waiting): Turn {
    let stage: 'starting' | 'going-on' = 'starting';
    function started(): void {
      if (stage !== 'starting') return;
      stage = 'going-on';
      account.giveBack('starts');
    }
    return {
      started,
      over() {
        started();
        bill?.giveBack();
      },
    };
  }

  function createAccount(claimant: Claimant, allowance: Allowance): Account {
    const mostOf = (resource: Resource): number => allowance.most[resource] ?? pools[resource].total;
    const hasRoom = (costs: Costs): boolean =>
      entriesOf(costs).every(([resource, amount]) =>
        pools[resource].mayTake(claimant, amount, mostOf(resource)),
      );
    const account: Account = {
      ...claimant,
      allowance,
      mostOf,
      take: (resource, amount = 1) => pools[resource].take(claimant, amount, mostOf(resource)),
      giveBack(resource, amount = 1) {
        pools[resource].giveBack(claimant.owner, amount);
        dispatch();
      },
      takeAll(costs) {
        const taken: (readonly [Resource, number])[] = [];
        function putBack(): void {
          for (const [resource, amount] of taken.splice(0)) pools[resource].giveBack(claimant.owner, amount);
        }
        for (const [resource, amount] of entriesOf(costs)) {
          if (!account.take(resource, amount)) {
            putBack();
            return null;
          }
          taken.push([resource, amount]);
        }
        return {
          giveBack() {
            putBack();
            dispatch();
          },
        };
      },
      async awaitTurn(costs, withdrawn, handleWaiting) {
        if (closedWith) throw closedWith;
        const item: Waiting = {
          account,
          costs,
          state: 'waiting',
          bill: null,
          handleWaiting: handleWaiting ?? null,
          answer: Promise.withResolvers(),
        };
        void withdrawn.then(() => {
          item.state = 'withdrawn';
          item.answer.resolve(null);
        });
        // Calls that wait for a command of theirs to end hold up no other calls
        queue.push(`${claimant.owner} ${Object.keys(costs).join()}`, item);
        dispatch();
        if (item.bill === null && !hasRoom(costs)) reportWaiting(item);
        return item.answer.promise;
      },
    };
    return account;
  }

  return {
    account: (principal) => createAccount(claimantOf(principal), allowanceOf(principal)),
    close(error) {
      closedWith = error;
      for (let item = queue.shift(() => true); item; item = queue.shift(() => true))
        item.answer.reject(error);
    },
  };
}

function poolQuotas(): Record<keyof typeof QUOTAS, FairPool> {
  const pools = Object.entries<Quota>(QUOTAS).map(([resource, { all }]) => [resource, withReserve(all)]);
  return Object.fromEntries(pools) as Record<keyof typeof QUOTAS, FairPool>;
}

function withReserve(total: number): FairPool {
  return createFairPool(total, Math.floor(total / OWNER_RESERVE_SHARE));
}

function entriesOf(costs: Costs): readonly (readonly [Resource, number])[] {
  return Object.entries(costs) as [Resource, number][];
}
