import { PROTOCOL_RANGE, VERSION } from '../../protocol/version.ts';
import { EXIT_STDOUT_CLOSED } from './exit-status.ts';
import { writeStandardOutput } from './standard-output.ts';

/** `rexa version`. */
export function run(): Promise<number> {
  return showVersion();
}

/** Prints the versions of rexa, its protocol and its Node. */
export async function showVersion(): Promise<number> {
  const [lowest, highest] = PROTOCOL_RANGE;
  const protocols = lowest === highest ? `${lowest}` : `${lowest} to ${highest}`;
  const text = `rexa ${VERSION} (protocol ${protocols}, Node ${process.versions.node})\n`;
  return (await writeStandardOutput(text)) ? 0 : EXIT_STDOUT_CLOSED;
}
