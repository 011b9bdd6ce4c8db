import type { Runner } from '../../process/runner/runner.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { JobOutcome } from '../../protocol/job.ts';
import type { CallChannel } from '../../services/call.ts';
import type { OpenTerminalRequest } from '../../services/terminals/messages.ts';
import {
  ENDED_TERMINAL_KEEP_MS,
  MAX_ENDED_TERMINALS,
  MAX_TERMINALS,
  MAX_TERMINALS_PER_OWNER,
} from '../limits.ts';
import { createOwnerPool } from '../owner-pool.ts';
import { type LiveTerminal, startTerminal } from './live-terminal.ts';

/** The terminals of people that end with their clients, by principal and id. */
export interface Terminals {
  readonly liveCount: number;
  /** Starts one for a client, or lets it take one up. @throws RexaError TERMINAL_LOST, ID_IN_USE, TERMINALS_EXHAUSTED, as the runner */
  open(channel: CallChannel, request: OpenTerminalRequest): Promise<void>;
  /** The end of the terminal with this mark; null: it is not known here. */
  find(mark: string): Promise<JobOutcome | null> | null;
  /** Ends all that run. */
  endAll(why: string): Promise<void>;
}

interface StartedTerminal {
  readonly mark: string;
  /** Rejects when nothing was run. */
  readonly terminal: Promise<LiveTerminal>;
  readonly outcome: Promise<JobOutcome | null>;
}

/** Creates the terminals of a supervisor. */
export function createTerminals(runner: Runner): Terminals {
  const live = new Map<string, StartedTerminal>();
  /** Their clients may not have all of it yet. */
  const ended = new Map<string, StartedTerminal>();
  const pool = createOwnerPool(MAX_TERMINALS, MAX_TERMINALS_PER_OWNER);

  function launch(
    key: string,
    request: OpenTerminalRequest,
    start: NonNullable<OpenTerminalRequest['start']>,
  ) {
    const { principal } = request;
    const giveBack = pool.take(principal);
    if (giveBack === null) throw new RexaError('QUOTA_EXHAUSTED', [pool.heldBy(principal), 'terminals open']);
    const terminal = startTerminal(request, start, runner);
    const started = { mark: start.mark, terminal, outcome: follow(key, terminal).finally(giveBack) };
    live.set(key, started);
    return terminal;
  }

  async function follow(key: string, starting: Promise<LiveTerminal>): Promise<JobOutcome | null> {
    try {
      const outcome = await (await starting).ended;
      keep(key);
      return outcome;
    } catch {
      // Whoever asked for it is told why
      return null;
    } finally {
      live.delete(key);
    }
  }

  function keep(key: string): void {
    const over = live.get(key);
    if (over === undefined) return;
    ended.set(key, over);
    if (ended.size > MAX_ENDED_TERMINALS) ended.delete(ended.keys().next().value ?? '');
    setTimeout(() => {
      if (ended.get(key) === over) ended.delete(key);
    }, ENDED_TERMINAL_KEEP_MS).unref();
  }

  return {
    get liveCount() {
      return live.size;
    },
    async open(channel, request) {
      const { principal, id, start } = request;
      const key = JSON.stringify([principal, id]);
      const known = live.get(key) ?? ended.get(key);
      if (start === undefined && known === undefined) throw new RexaError('TERMINAL_LOST', [id]);
      if (start !== undefined && known !== undefined && known.mark !== start.mark)
        throw new RexaError('TERMINAL_TAKEN', [id]);
      const terminal = await (known?.terminal ?? (start === undefined ? null : launch(key, request, start)));
      terminal?.join(channel, request);
    },
    find(mark) {
      const all = [...live.values(), ...ended.values()];
      return all.find((each) => each.mark === mark)?.outcome ?? null;
    },
    async endAll(why) {
      await Promise.allSettled(
        [...live.values()].map(async ({ terminal }) => {
          const { end, ended: over } = await terminal;
          end(why);
          await over;
        }),
      );
    },
  };
}
