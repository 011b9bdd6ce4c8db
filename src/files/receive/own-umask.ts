import { readFileSync } from 'node:fs';

/** Returns the umask of this process, without setting it for a moment as `process.umask` does. */
export function ownUmask(): number {
  const found = process.platform === 'linux' ? readStatus() : null;
  // oxlint-disable-next-line typescript/no-deprecated -- elsewhere there is no other way
  return found ?? process.umask();
}

function readStatus(): number | null {
  const [, octal] = /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return octal === undefined ? null : Number.parseInt(octal, 8);
}
