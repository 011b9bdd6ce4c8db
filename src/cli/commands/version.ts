import { KNOWN_OPENSSH } from '../../config/ssh/known-version.ts';
import { PROTOCOL_RANGE, VERSION } from '../../protocol/version.ts';
import { print } from '../output/print.ts';
import { openStandardSink } from '../output/standard-streams.ts';

/** `rexa version`. */
export function run(): Promise<number> {
  return showVersion();
}

/** Prints the versions of rexa, its protocol and its Node. */
export async function showVersion(): Promise<number> {
  const [lowest, highest] = PROTOCOL_RANGE;
  const protocols = lowest === highest ? `${lowest}` : `${lowest} to ${highest}`;
  const text = `rexa ${VERSION} (protocol ${protocols}, Node ${process.versions.node})\n`;
  return print(text);
}

/**
 * Prints what `ssh -V` prints, on stderr: programs look for `OpenSSH_` and a number there before they use an option.
 * The number is that of the OpenSSH whose options the drop-in knows.
 */
export async function showSshVersion(): Promise<number> {
  await openStandardSink(2).write(Buffer.from(`${KNOWN_OPENSSH} compatible, rexa ${VERSION}\n`));
  return 0;
}
