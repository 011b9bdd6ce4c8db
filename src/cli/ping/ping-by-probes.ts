import type { HostVerdict } from '../../auth/known-hosts.ts';
import { readKnownHosts } from '../../auth/known-hosts-file.ts';
import { fingerprint, type PublicKey } from '../../auth/public-key.ts';
import type { OpenOptions } from '../../client/open-host.ts';
import { createProber, type Prober } from '../../client/probe.ts';
import { defaultKnownHosts, type HostTrust, openHostTrust } from '../../client/tls/host-trust.ts';
import { lookUp, type Place } from '../../client/tls/race-addresses.ts';
import { RexaError } from '../../protocol/errors.ts';
import { showUdpAddress } from '../../transports/listen-address.ts';
import { EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { readHostOptions } from '../host/host-options.ts';
import { planHost } from '../host/host-plan.ts';
import type { Messages } from '../output/messages.ts';
import { writeStandardOutput } from '../output/standard-output.ts';
import { watchInterrupts } from '../run/interrupts.ts';
import { createProbeReport, type ProbeReport } from './probe-report.ts';

/** What is asked for. */
export interface ProbePlan {
  readonly count: number;
  readonly intervalMs: number;
  /** How long an answer to the last probe is waited for. */
  readonly waitMs: number;
  readonly isJson: boolean;
}

const EXIT_ANSWERED = 0;
const EXIT_NO_ANSWER = 1;

/**
 * `rexa ping udp://HOST[:PORT]`: sends probes, and tells which of them the right host has answered.
 * @param called without `udp://`
 * @returns the exit status
 * @throws RexaError ADDRESS_INVALID, CONNECT_FAILED for a name that is unknown, AUTH_HOST_*
 */
export async function pingByProbes(
  called: string,
  plan: ProbePlan,
  values: Parameters<typeof readHostOptions>[0],
  messages: Messages,
): Promise<number> {
  const options = { ...readHostOptions(values, null), identities: undefined };
  const { connect } = await planHost(called, options, messages);
  const { target } = connect;
  if (target?.kind !== 'tls' || target.port === 0)
    throw new RexaError('ADDRESS_INVALID', [`udp://${called}`, 'write udp://HOST:PORT']);
  const shown = showUdpAddress(target);
  const places = await lookUp(target.host, target.port, shown, connect.family);
  const verify = createVerifier(target, connect, messages);
  const report = createProbeReport(shown, plan.isJson);
  return probe(places, { ...plan, verify, report, messages });
}

interface Probing extends ProbePlan {
  readonly verify: (key: PublicKey) => Promise<RexaError | null>;
  readonly report: ProbeReport;
  readonly messages: Messages;
}

/** @throws RexaError AUTH_HOST_* */
async function probe(places: readonly Place[], probing: Probing): Promise<number> {
  const { count, intervalMs, waitMs, report } = probing;
  const ended = Promise.withResolvers<RexaError | null>();
  const texts: string[] = [];
  let prober: Prober;
  let timer: NodeJS.Timeout | undefined;
  let sent = 0;

  function write(text: string): void {
    if (text === '') return;
    texts.push(text);
    void flush();
  }
  let writing: Promise<void> | null = null;
  let isClosed = false;
  /** One after the other. */
  function flush(): Promise<void> {
    writing ??= (async () => {
      for (let text = texts.shift(); text !== undefined; text = texts.shift())
        if (!isClosed && !(await writeStandardOutput(text))) {
          isClosed = true;
          ended.resolve(null);
        }
      writing = null;
    })();
    return writing;
  }

  /** A name may stand for several places; the first one that is not refused is probed. */
  function open(index: number): Prober {
    const place = places[index];
    if (place === undefined) throw new RexaError('INTERNAL', ['a name without an address']);
    return createProber(place, probing.verify, {
      handleAnswer(answer) {
        write(report.addAnswer(answer, place));
        if (report.answered === count) ended.resolve(null);
      },
      handleWrongHost: ended.resolve,
      handleUnreachable(reason) {
        if (report.answered === 0 && prober.place === place && index + 1 < places.length) {
          prober[Symbol.dispose]();
          prober = open(index + 1);
          for (let again = 0; again < sent; again++) prober.send();
        } else write(report.addUnreachable(reason));
      },
    });
  }

  function sendNext(): void {
    sent++;
    write(report.addSent(prober.place));
    prober.send();
    timer = sent < count ? setTimeout(sendNext, intervalMs) : setTimeout(() => ended.resolve(null), waitMs);
  }

  prober = open(0);
  const stopWatching = watchInterrupts(process, () => ended.resolve(null));
  sendNext();
  try {
    const wrong = await ended.promise;
    if (wrong !== null) throw wrong;
    write(report.summarize(prober.key === null ? null : fingerprint(prober.key)));
    while (texts.length > 0 || writing !== null) await flush();
    if (isClosed) return EXIT_STDOUT_CLOSED;
    return report.answered > 0 ? EXIT_ANSWERED : EXIT_NO_ANSWER;
  } finally {
    clearTimeout(timer);
    stopWatching();
    prober[Symbol.dispose]();
  }
}

/**
 * Decides on the key of an answer by known_hosts. Where the address with this port is not known, the host's lines with other
 * ports count as well: the daemon there may listen for logins on another one.
 */
function createVerifier(
  target: { readonly host: string; readonly port: number; readonly pin: string | null },
  connect: OpenOptions,
  messages: Messages,
): (key: PublicKey) => Promise<RexaError | null> {
  const files = [connect.knownHosts ?? defaultKnownHosts(), connect.globalKnownHosts ?? []].flat();
  const options = {
    files,
    learning: files[0] ?? null,
    warn: (line: string) => messages.warn(line),
    alias: connect.hostKeyAlias,
    hashesNames: connect.hashKnownHosts,
    revoked: connect.revokedHostKeys,
  };
  const open = (port: number): HostTrust =>
    openHostTrust({ kind: 'tls', host: target.host, port, pin: target.pin }, options);
  const own = open(target.port);

  async function verify(key: PublicKey): Promise<HostVerdict> {
    const verdict = await own.verify({ key, certificate: null });
    if (verdict.kind !== 'unknown') return verdict;
    for (const port of await listPorts()) {
      const other = await open(port).verify({ key, certificate: null });
      if (other.kind === 'trusted' || other.kind === 'revoked') return other;
    }
    return verdict;
  }

  /** The ports with which the host stands in known_hosts. */
  async function listPorts(): Promise<ReadonlySet<number>> {
    const host = own.address.slice(0, own.address.lastIndexOf(':') + 1);
    const ports = new Set<number>();
    for (const file of files)
      for (const { address } of (await readKnownHosts(file)).hosts)
        if (address.startsWith(host)) ports.add(Number(address.slice(host.length)));
    return ports;
  }

  return async (key) => {
    const verdict = await verify(key);
    if (verdict.kind === 'unknown' && connect.acceptNew === true) {
      await own.believe(key);
      messages.warn(`the key ${fingerprint(key)} of ${own.address} was added to known_hosts`);
      return null;
    }
    return own.explain(verdict, key);
  };
}
