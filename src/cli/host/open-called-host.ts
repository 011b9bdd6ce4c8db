import type { OpenHost } from '../../client/host.ts';
import { routeByProgram, routeThrough } from '../../client/jump.ts';
import { type OpenOptions, openHost } from '../../client/open-host.ts';
import { readCall } from '../../client/read-call.ts';
import type { Route } from '../../client/route.ts';
import { type Messages, passOnStderr } from '../output/messages.ts';
import { standardTerminal } from '../output/standard-streams.ts';
import { stopCompilers } from '../stop-compilers.ts';
import { type ShownLine, showConnecting } from './connection-line.ts';
import { type HostOptions, type HostPlan, planHost } from './host-plan.ts';
import { NO_LINE, yieldLine } from './yield-line.ts';

/**
 * Opens a host that was called on the command line, by all that options and configuration say of it. Commands there have
 * the configuration's variables and encodings, unless they are given others.
 * @param called HOST, without a user
 * @param options go before the rest
 * @throws RexaError as planHost and openHost
 */
export async function openCalledHost(
  called: string,
  given: HostOptions,
  messages: Messages,
  options: OpenOptions = {},
): Promise<OpenHost> {
  const plan = await planHost(called, { ...given, user: options.user ?? given.user }, messages);
  const { connect, run, suggestion } = plan;
  if (suggestion !== null) messages.warn(suggestion);
  let share = options.isJump === true || options.route !== undefined ? null : plan.share;
  if (share !== null) {
    const { openSharedHost } = await import('../share/open-shared-host.ts');
    const shared = await openSharedHost({ called, given, plan, messages }, share);
    if (typeof shared !== 'string') return withDefaults(shared, run);
    if (shared === 'alone' || share.mode === 'no') share = null;
  }
  const route = options.route ?? planRoute(plan, messages);
  const reached = route === undefined ? {} : { route };
  // A connection that is shared has logged in
  const inTime = share === null ? {} : { isEarly: false };
  const open = (line: ShownLine): Promise<OpenHost> =>
    openHost(called, yieldLine(line, { ...connect, ...options, ...reached, ...inTime }));
  const terminal = messages.isQuiet ? null : standardTerminal(2);
  const host = await (terminal === null ? open(NO_LINE) : showConnecting(called, terminal, open));
  stopCompilers();
  if (share !== null) {
    const { shareOpenHost } = await import('../share/share-open-host.ts');
    await shareOpenHost(host, plan, share, messages);
  }
  // A Ready/Start peer takes neither variables nor encodings
  return connect.target?.kind === 'ready' ? host : withDefaults(host, run);
}

/** A jump host is opened as it would be by itself; those before it are in the list. */
function planRoute({ jumps, proxyCommand }: HostPlan, messages: Messages): Route | undefined {
  // As with ssh, whose callers may read what the program writes (mosh)
  if (proxyCommand !== null) return routeByProgram(proxyCommand, { bytes: passOnStderr });
  return routeThrough(jumps, ({ called, given }, route) => {
    const options = { isJump: true, ...(route === undefined ? {} : { route }) };
    return openCalledHost(called, given, messages, options);
  });
}

function withDefaults(host: OpenHost, defaults: HostPlan['run']): OpenHost {
  const { env, encoding, stdinEncoding } = defaults;
  const others = [encoding, stdinEncoding, defaults.escape];
  if (Object.keys(env).length === 0 && others.every((each) => each === undefined)) return host;
  const { logInAgain } = host;
  const again = (next: OpenHost | null): OpenHost | null => next && withDefaults(next, defaults);
  const run = (...words: Parameters<typeof readCall>): unknown => {
    const { file, args, options } = readCall(...words);
    const passesBytes = options.encoding === 'binary';
    return host.run(file, args, {
      ...(encoding === undefined ? {} : { encoding }),
      ...(stdinEncoding === undefined || passesBytes ? {} : { inputEncoding: stdinEncoding }),
      ...options,
      env: { ...env, ...options.env },
    });
  };
  return Object.create(host, {
    run: { value: run },
    ...(defaults.escape === undefined ? {} : { escape: { value: defaults.escape } }),
    ...(logInAgain === undefined ? {} : { logInAgain: { value: async () => again(await logInAgain()) } }),
  }) as OpenHost;
}
