import type { Link } from '../link/link.ts';
import { ACCOUNT_VARIABLES } from '../protocol/account-variables.ts';
import { RexaError } from '../protocol/errors.ts';
import type { PeerInfo } from '../protocol/hello.ts';
import { VERSION } from '../protocol/version.ts';
import { describeWord, type Word } from '../protocol/word.ts';
import { isSettledWithin } from '../runtime/awake-timer.ts';
import { startRun } from '../services/run/client.ts';
import { describeEnd } from './describe-end.ts';
import type { BoundExeca } from './execa/host-execa.ts';
import { loadExeca } from './execa/load-execa.ts';
import { type ForwardingHost, serveForwarded } from './forwarded-channels.ts';
import type { Host } from './host-types.ts';
import { HOST_KEYS_MS } from './limits.ts';
import { readCall } from './read-call.ts';
import type { RemoteRun, RunOptions } from './run-types.ts';
import { hostServices } from './services.ts';
import { chooseAgent } from './tls/choose-agent.ts';
import { resolveFolder } from './words.ts';

/** A host whose hello may still be on its way. */
export interface OpenHost extends Host {
  /** The connection itself, for a process that shares it. Absent where there is none between two requests. */
  readonly connection?: ForwardingHost;
  /** Whether another process shares its connection with this one. */
  readonly isShared?: boolean;
  /** Whether the daemon has a feature of the protocol, as far as is known yet. Absent where there is no hello. */
  knows?(feature: string): boolean;
  /** What a configuration says of the escape character of terminals there; null: there is none. */
  readonly escape?: string | null;
  /** Resolves with the daemon's hello. @throws RexaError LINK_LOST, CONNECT_TIMEOUT, or what the daemon refused with */
  greeted(timeoutMs: number): Promise<PeerInfo>;
  /**
   * Resolves when the connection can serve no more: with why, or null after a goaway of ours. Never rejects. Absent
   * where there is none between two requests.
   */
  readonly ended?: Promise<RexaError | null>;
  /** Resolves when what goes on beside the commands (its keys are learned) is done, or takes too long. Absent where nothing does. */
  settled?(): Promise<void>;
  /** Tells the daemon that this process is about to be stopped. Absent where nobody minds. */
  suspend?(): Promise<void>;
  /** Looks for another connection now; false: this host can have only one. Absent where that is never so. */
  reconnect?(): boolean;
  /**
   * Where a key was proven in one flight with the first request: logs in with another one, if that key was refused. What
   * was asked for is asked again. Null where the key was let in, and what was asked for is refused to it.
   * @throws RexaError as `connect`
   */
  readonly logInAgain?: () => Promise<OpenHost | null>;
}

/** How a client calls itself. */
export const REXA_AGENT = `rexa/${VERSION}`;

/** What holds for every command of a host that says nothing else. */
export interface HostDefaults {
  /** The agent of the login, which `forwardAgent: true` means; null: none. Default: `$SSH_AUTH_SOCK`. */
  readonly agent?: string | null | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly encoding?: string | undefined;
  readonly inputEncoding?: string | undefined;
}

/** What a host has beside its link. */
export interface HostExtras extends Pick<OpenHost, 'logInAgain' | 'isShared'> {
  readonly defaults?: HostDefaults | undefined;
  /** Waited for, within reason, before the connection is closed. */
  readonly beforeClose?: Promise<unknown>;
  /** Where commands run, and what a relative `cwd` starts from. Default: the home folder of the daemon's user. */
  readonly folder?: Word;
}

/** Speaks the protocol over a link. */
export function createHost(
  address: string,
  link: Link,
  { folder, defaults = {}, beforeClose, ...again }: HostExtras = {},
): OpenHost {
  let peer: PeerInfo | null = null;
  void link.peer.then((info) => {
    peer = info;
  });
  const forwarded = serveForwarded(link);
  let isClosing = false;
  let settling: Promise<unknown> | null = null;

  /** The time for it is counted once, from the first call. */
  async function settled(): Promise<void> {
    settling ??= beforeClose === undefined ? Promise.resolve() : isSettledWithin(beforeClose, HOST_KEYS_MS);
    await settling;
  }

  const run = (file: Word, args: readonly Word[], options: RunOptions): RemoteRun<string | Uint8Array> =>
    startRun({ link, address, forwarded }, file, args, {
      ...options,
      ...resolveDefaults(options, folder, defaults),
    });
  let execa: BoundExeca | undefined;
  function bound(): BoundExeca {
    execa ??= loadExeca().bindExeca({
      address,
      run,
      folder() {
        const start = resolveDefaults({}, folder, defaults).cwd;
        return start === undefined ? undefined : describeWord(start);
      },
    });
    return execa;
  }

  return {
    ...again,
    ...hostServices({ address, link, forwarded, ...(folder === undefined ? {} : { folder }) }),
    connection: { address, link, forwarded },
    address,
    get peer() {
      return {
        agent: peer?.agent ?? '',
        protocol: peer?.protocol ?? 0,
        encoding: peer?.encoding ?? '',
      };
    },
    knows: (feature) => peer?.features.includes(feature) === true,
    greeted: (timeoutMs) => awaitHello(link, address, timeoutMs),
    ended: link.ended.then((end) => (isClosing ? null : describeEnd(end, address))),
    run: ((...words: Parameters<typeof readCall>) => {
      const { file, args, options } = readCall(...words);
      return run(file, args, options);
    }) as Host['run'],
    get $() {
      return bound().$ as Host['$'];
    },
    get execa() {
      return bound().execa as Host['execa'];
    },
    get execaNode() {
      return bound().execaNode as Host['execaNode'];
    },
    get execaSync() {
      return bound().execaSync as never;
    },
    async ping() {
      const rttMs = await link.ping();
      if (rttMs === null) throw describeEnd(await link.ended, address);
      return rttMs;
    },
    async close() {
      isClosing = true;
      // Otherwise at once: a run that is begun from now on is refused
      if (beforeClose !== undefined) await settled();
      await link.leave();
    },
    settled,
    ref: () => link.setRef(true),
    unref: () => link.setRef(false),
    suspend: link.suspend,
    reconnect: link.reconnect,
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}

/** What the host's defaults make of a call's options: a folder is relative to that of the host, variables are joined. */
function resolveDefaults(
  { cwd, env = {}, extendEnv = true, encoding, inputEncoding, offeredEnv, forwardAgent }: RunOptions,
  folder: Word | undefined,
  defaults: HostDefaults,
): Partial<RunOptions> {
  const start = defaults.cwd === undefined ? folder : resolveFolder(folder ?? '', defaults.cwd);
  const placed = start === undefined ? cwd : resolveFolder(start, cwd);
  const variables = Object.entries((extendEnv ? defaults.env : undefined) ?? {}).filter(
    (variable): variable is [string, string] => variable[1] !== undefined && !Object.hasOwn(env, variable[0]),
  );
  // Those of the account are not among what a host takes of an offer
  const isOfAccount = ([name]: readonly [string, string]): boolean => ACCOUNT_VARIABLES.includes(name);
  const own = variables.filter(isOfAccount);
  const offered = variables.filter((variable) => !isOfAccount(variable));
  return {
    cwd: placed,
    forwardAgent: forwardAgent === true ? (chooseAgent(defaults.agent) ?? false) : forwardAgent,
    env: { ...Object.fromEntries(own), ...env },
    offeredEnv: { ...Object.fromEntries(offered), ...offeredEnv },
    encoding: encoding ?? defaults.encoding,
    inputEncoding: inputEncoding ?? encoding ?? defaults.inputEncoding,
  };
}

async function awaitHello(link: Link, address: string, timeoutMs: number): Promise<PeerInfo> {
  if (!(await isSettledWithin(link.peer, timeoutMs))) {
    const error = new RexaError('CONNECT_TIMEOUT', [address, timeoutMs]);
    void link.leave(error);
    throw error;
  }
  const peer = await link.peer;
  if (peer === null) throw describeEnd(await link.ended, address);
  return peer;
}
