import type { OpenHost } from '../../client/host.ts';
import { readHostName } from '../../client/host-name.ts';
import type { Parsed, ValuesOf } from '../../command-line/command-spec.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED, statusOfSignal } from '../exit-status.ts';
import { createForwards } from '../forward/open-forwards.ts';
import { stayForwarding } from '../forward/stay-forwarding.ts';
import { forwardStdio } from '../forward/stdio-forward.ts';
import { isClosed } from '../host/report-failure.ts';
import { withHost } from '../host/with-host.ts';
import type { Messages } from '../output/messages.ts';
import { openStandardInput, openStandardSink } from '../output/standard-streams.ts';
import type { FORWARD_COMMAND } from '../tables/forward.ts';

type Values = ValuesOf<typeof FORWARD_COMMAND>;

/** `rexa forward`: ports and Unix sockets, until a signal. */
export async function run({ values, operands }: Parsed<typeof FORWARD_COMMAND>): Promise<number> {
  const [called] = operands;
  if (called === undefined) throw usageError('a HOST is missing: rexa forward HOST -L 8080:localhost:80');
  const { L, R, D, W } = values;
  const specs = [...L, ...R, ...D];
  if (W === undefined && specs.length === 0) throw usageError('a forwarding is missing: -L, -R, -D or -W');
  if (W !== undefined && specs.length > 0) throw usageError('-W cannot be combined with -L, -R or -D');
  return withHost(readHostName(called), values, (host, messages) =>
    W === undefined ? forwardAll(host, values, messages) : joinStdio(host, W),
  );
}

async function forwardAll(host: OpenHost, { L, R, D, g }: Values, messages: Messages): Promise<number> {
  const forwards = createForwards(host, { gatewayPorts: g }, messages);
  try {
    for (const spec of [...L, ...R, ...D]) await forwards.add(spec, true);
    const end = await stayForwarding(host, process);
    if ('cause' in end) return statusOfSignal(end.cause);
    if (end.error !== null) messages.fail(end.error.message);
    return EXIT_REXA_FAILED;
  } finally {
    // A Unix socket is removed when it is closed
    await forwards.closeAll();
  }
}

async function joinStdio(host: OpenHost, to: NonNullable<Values['W']>): Promise<number> {
  try {
    await forwardStdio(host, to, { openStdin: openStandardInput, stdout: openStandardSink(1) });
    return 0;
  } catch (error) {
    if (isClosed(error as Error)) return EXIT_STDOUT_CLOSED;
    throw error;
  }
}
