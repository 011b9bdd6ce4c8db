import { type AwakeTimer, startAwakeTimer } from '../runtime/awake-timer.ts';
import { CLIENT_LOOK_MS, MAX_DETACHED_LINKS, MAX_LINK_TOMBSTONES } from './limits.ts';
import type { LinkBody } from './link-body.ts';
import type { PeerProcess } from './peer-process.ts';

/** A link that may be carried on over another connection. */
export interface LinkEntry {
  readonly id: string;
  readonly body: LinkBody;
  /** Whose it is: nobody else carries it on. */
  readonly identity: string;
  /** In hex. */
  readonly secret: string;
  /** Of the connection that carries it, or has carried it last. */
  epoch: number;
  /** The client's process on this machine; null: unknown, or another machine's. */
  clientProcess: PeerProcess | null;
}

/** What is known of a claimed link. */
export type Known =
  | { readonly kind: 'known'; readonly entry: LinkEntry }
  /** Nothing of it has ever come here. */
  | { readonly kind: 'never-seen' }
  /** It is over, or may have been here before this daemon was. */
  | { readonly kind: 'forgotten' };

/**
 * The links of a daemon that outlive their connections, and for a while the ids of those that are over. `never-seen` lets
 * a client send its requests again: it is said only of a link that can't have been here, since it is younger than this
 * registry and than everything that was thrown out of it.
 */
export interface LinkRegistry {
  /** From now on whatever comes here is seen: what is younger than this was seen by no daemon before us. */
  begin(): void;
  /** False when the id is known already: then it is no new link. */
  enter(entry: LinkEntry): boolean;
  /** @param bornAtMs when the link was made, by our clock, at the earliest */
  find(id: string, bornAtMs: number): Known;
  /** The entry's connection is lost: it waits for another, for so long. */
  wait(entry: LinkEntry, forMs: number): void;
  /** It has one again. */
  stopWaiting(entry: LinkEntry): void;
  /** Nothing has come of it: its id is free for another connection of the same link. */
  forget(entry: LinkEntry): void;
  /** It is over: only its id is kept. */
  bury(entry: LinkEntry): void;
}

/** @param giveUp ends a link whose time is up, or for which there is no room any more */
export function createLinkRegistry(
  giveUp: (entry: LinkEntry) => void,
  now: () => number = () => performance.now(),
): LinkRegistry {
  const entries = new Map<string, LinkEntry>();
  /** The ids of those that are over, and when each was first seen. */
  const buried = new Map<string, number>();
  const seenAtMs = new WeakMap<LinkEntry, number>();
  /** In the order in which they lost their connections. */
  const waiting = new Map<LinkEntry, AwakeTimer>();
  /** Whatever was first seen before this may be forgotten. */
  let horizonMs = Number.POSITIVE_INFINITY;

  function buryOne(id: string, firstSeenMs: number): void {
    buried.set(id, firstSeenMs);
    if (buried.size <= MAX_LINK_TOMBSTONES) return;
    const [oldest] = buried;
    if (!oldest) return;
    buried.delete(oldest[0]);
    horizonMs = Math.max(horizonMs, oldest[1]);
  }

  function stopWaiting(entry: LinkEntry): void {
    waiting.get(entry)?.stop();
    waiting.delete(entry);
  }

  /** The process of a client that has ended resumes nothing. Its end is noticed only by looking. */
  function waitOn(entry: LinkEntry, leftMs: number): void {
    const { clientProcess } = entry;
    const stepMs = clientProcess === null ? leftMs : Math.min(leftMs, CLIENT_LOOK_MS);
    const look = (): void =>
      stepMs >= leftMs || clientProcess?.isGone() ? giveUp(entry) : waitOn(entry, leftMs - stepMs);
    waiting.set(entry, startAwakeTimer(look, stepMs));
  }

  /** Of those of whoever has most, the one that has waited longest: nobody pushes out what is another's. */
  function findSurplus(): LinkEntry | undefined {
    const groups = [...Map.groupBy(waiting.keys(), ({ identity }) => identity).values()];
    return groups.reduce((one, other) => (other.length > one.length ? other : one), [])[0];
  }

  return {
    begin() {
      horizonMs = now();
    },
    enter(entry) {
      if (entries.has(entry.id) || buried.has(entry.id)) return false;
      entries.set(entry.id, entry);
      seenAtMs.set(entry, now());
      return true;
    },
    find(id, bornAtMs) {
      const entry = entries.get(id);
      if (entry) return { kind: 'known', entry };
      const isYounger = bornAtMs > horizonMs;
      return { kind: isYounger && !buried.has(id) ? 'never-seen' : 'forgotten' };
    },
    wait(entry, forMs) {
      stopWaiting(entry);
      waitOn(entry, forMs);
      const surplus = waiting.size > MAX_DETACHED_LINKS ? findSurplus() : undefined;
      if (surplus) giveUp(surplus);
    },
    stopWaiting,
    forget(entry) {
      stopWaiting(entry);
      entries.delete(entry.id);
      buried.delete(entry.id);
    },
    bury(entry) {
      stopWaiting(entry);
      if (entries.get(entry.id) !== entry) return;
      entries.delete(entry.id);
      buryOne(entry.id, seenAtMs.get(entry) ?? now());
    },
  };
}
