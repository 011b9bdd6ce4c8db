import fs from 'node:fs';
import { RexaError } from '../../protocol/errors.ts';
import type { EncodedCommand, NodeCommand } from '../transcode/encode-command.ts';

const SLASH = Buffer.from('/');

/**
 * Looks at the folder and the program of a command in another encoding than UTF-8. Where a shell starts it for us, that
 * shell could only tell an exit code, which would look like the command's own; and where the bytes happen to be UTF-8,
 * the runner's messages would show other characters than the user's.
 * @param shown the same command in text, for messages
 * @throws RexaError CWD_UNUSABLE, FILE_NOT_FOUND, FILE_NOT_EXECUTABLE
 */
export function checkEncodedCommand(command: EncodedCommand, shown: NodeCommand): void {
  const cwd = Buffer.from(command.cwd);
  if (!fs.statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new RexaError('CWD_UNUSABLE', [shown.cwd, 'there is no such folder']);
  }
  if (!isAccessible(cwd)) throw new RexaError('CWD_UNUSABLE', [shown.cwd, 'it may not be entered']);
  const found = candidates(command, cwd, shown.environment['PATH'] ?? '').filter(isFile);
  if (found.length === 0) throw new RexaError('FILE_NOT_FOUND', [shown.file, '']);
  if (!found.some(isAccessible))
    throw new RexaError('FILE_NOT_EXECUTABLE', [shown.file, 'permission denied']);
}

/** Where execvp(3) would look. */
function candidates(command: EncodedCommand, cwd: Buffer, searchPath: string): Buffer[] {
  const file = Buffer.from(command.file);
  if (file.length === 0) return [];
  if (file[0] === SLASH[0]) return [file];
  const folders = file.includes(SLASH)
    ? [cwd]
    : searchPath.split(':').map((folder) => Buffer.from(folder || '.'));
  return folders.map((folder) => Buffer.concat([folder, SLASH, file]));
}

function isFile(path: Buffer): boolean {
  try {
    return fs.statSync(path).isFile();
  } catch {
    return false;
  }
}

function isAccessible(path: Buffer): boolean {
  try {
    fs.accessSync(path, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
