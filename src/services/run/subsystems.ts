import { delimiter, join } from 'node:path';
import { findProgram } from '../../process/runner/find-program.ts';
import { RexaError } from '../../protocol/errors.ts';

/** The program of a subsystem, and the folders that systems keep it in, beside those of the PATH. */
interface Subsystem {
  readonly program: string;
  readonly folders: readonly string[];
}

/** Subsystems by the names that clients ask for. */
const SUBSYSTEMS: Readonly<Record<string, Subsystem>> = {
  sftp: {
    program: 'sftp-server',
    folders: [
      '/usr/lib/openssh', // Debian, Ubuntu
      '/usr/libexec/openssh', // Fedora, RHEL
      '/usr/lib/ssh', // Arch, Alpine, SUSE
      '/usr/libexec/ssh',
      '/usr/lib64/ssh',
      '/usr/lib64/misc', // Gentoo
      '/usr/libexec', // the BSDs, macOS
      '/usr/local/libexec',
      '/opt/homebrew/libexec',
    ],
  },
};

/**
 * The program that serves a subsystem on this host: from the folders where systems keep it, else from the PATH.
 * @param subsystems another table, for tests
 * @throws RexaError SUBSYSTEM_MISSING
 */
export function findSubsystem(
  name: string,
  searchPath = process.env['PATH'] ?? '',
  subsystems: Readonly<Record<string, Subsystem>> = SUBSYSTEMS,
): string {
  const subsystem = Object.hasOwn(subsystems, name) ? subsystems[name] : undefined;
  if (subsystem === undefined) {
    const names = Object.keys(subsystems).join(', ');
    throw new RexaError('SUBSYSTEM_MISSING', [name, `there is ${names}`]);
  }
  const { program, folders } = subsystem;
  const found = findProgram(program, '/', [...folders, searchPath].join(delimiter));
  if (found?.isExecutable) return found.path.toString();
  throw new RexaError('SUBSYSTEM_MISSING', [
    name,
    `no ${program} is installed (looked for ${join(folders[0] ?? '', program)}, at the places of other systems, and in the PATH)`,
  ]);
}
