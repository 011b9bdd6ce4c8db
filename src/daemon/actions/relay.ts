import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { localSocketPath } from '../../places/local-socket.ts';
import { RexaError } from '../../protocol/errors.ts';
import { LOCAL_START_MS, MAX_PROVENANCE_CHARACTERS } from '../../protocol/limits.ts';
import { encodeRelayNote, RELAY_PREAMBLE } from '../../protocol/relay.ts';
import { connectLocal } from '../../transports/connect-local.ts';
import type { DaemonOptions } from '../options.ts';

/** What outer programs say about the caller. It goes into the audit as unproven. */
const PROVENANCE_VARIABLES = ['SSH_CONNECTION', 'SUDO_USER', 'SUDO_UID', 'DOAS_USER', 'PKEXEC_UID'] as const;

/**
 * `rexad --stdio`: joins stdin and stdout with this user's own daemon, so that what runs there outlives this process. It says
 * first that it does, and tells the daemon what it knows of its client, before anything of that.
 * @returns the exit status, once the daemon has closed its end, or the reader of stdout has closed it
 * @throws RexaError ROOT_REFUSED, and as connectLocal
 */
export async function relay({ rights, allowRoot }: DaemonOptions): Promise<number> {
  // A narrow sudo rule that starts us as root must not grant all of root
  if (process.getuid?.() === 0 && !allowRoot) throw new RexaError('ROOT_REFUSED', ['--stdio']);
  const daemon = await connectLocal(localSocketPath(), LOCAL_START_MS, () => {});
  const [input, output] = [openDescriptor(0), openDescriptor(1)];
  for (const stream of [daemon, input, output]) stream.on('error', () => daemon.destroy());
  output.write(RELAY_PREAMBLE);
  daemon.write(Buffer.concat(encodeRelayNote({ rights, provenance: readProvenance() })));
  input.pipe(daemon);
  daemon.pipe(output);
  await finished(daemon, { writable: false }).catch(() => undefined);
  await finished(output).catch(() => undefined);
  return 0;
}

function readProvenance(): Record<string, string> {
  const said = PROVENANCE_VARIABLES.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(
    said.flatMap(([name, value]) => (value ? [[name, value.slice(0, MAX_PROVENANCE_CHARACTERS)]] : [])),
  );
}

/** stdin or stdout without waiting in a system call: a reader that is slow must not hold up the other direction. */
function openDescriptor(fd: 0 | 1): Readable & Writable {
  const stats = fstatSync(fd);
  if (stats.isFIFO() || stats.isSocket())
    return new Socket({ fd, readable: fd === 0, writable: fd === 1, allowHalfOpen: true });
  return fd === 0 ? process.stdin : process.stdout;
}
