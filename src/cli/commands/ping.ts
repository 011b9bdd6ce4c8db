import { readHostName } from '../../client/host-name.ts';
import type { Parsed } from '../../command-line/command-spec.ts';
import { formatDuration, readPositiveDuration } from '../../command-line/duration.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { withHost } from '../host/with-host.ts';
import { MIN_PROBE_INTERVAL_MS, PROBE_WAIT_MS } from '../limits.ts';
import { createMessages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import { pingHost } from '../ping/ping-host.ts';
import type { PING_COMMAND } from '../tables/others.ts';

const DEFAULT_PINGS = 4;
const DEFAULT_INTERVAL_MS = 1_000;
const UDP = 'udp://';

/** `rexa ping`: who answers there, and how long a round trip takes. */
export async function run(parsed: Parsed<typeof PING_COMMAND>): Promise<number> {
  const { values, operands } = parsed;
  const [called] = operands;
  if (called === undefined) throw usageError('a HOST is missing: rexa ping HOST');
  const plan = { count: values.c ?? DEFAULT_PINGS, isJson: values.json };
  const timeoutMs = values['connect-timeout'];
  if (called.startsWith(UDP)) {
    const messages = createMessages(values);
    try {
      const { pingByProbes } = await import('../ping/ping-by-probes.ts');
      return await pingByProbes(
        called.slice(UDP.length),
        { ...plan, intervalMs: readInterval(values.i), waitMs: timeoutMs ?? PROBE_WAIT_MS },
        values,
        messages,
      );
    } catch (error) {
      return reportError(error, messages);
    }
  }
  return withHost(readHostName(called), values, (host) =>
    pingHost(host, {
      ...plan,
      timeoutMs: timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    }),
  );
}

/** Nobody logs in with a probe: `-i` is that of ping(8). @throws RexaError USAGE */
function readInterval(given: readonly string[]): number {
  const text = given.at(-1);
  if (text === undefined) return DEFAULT_INTERVAL_MS;
  const intervalMs = readPositiveDuration(text);
  if (intervalMs >= MIN_PROBE_INTERVAL_MS) return intervalMs;
  throw usageError(`the interval of probes is at least ${formatDuration(MIN_PROBE_INTERVAL_MS)}`);
}
