import { hash } from 'node:crypto';
import { type BigIntStats, readFileSync } from 'node:fs';

let boot: string | null | undefined;

/**
 * Returns what identifies a file or folder among all machines, until this one is started again. It tells the other end of a
 * transfer nothing else. @returns null where the system does not tell its boots apart
 */
export function identityOf({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string | null {
  boot ??= readBoot();
  return boot === null ? null : hash('sha256', `${boot}:${dev}:${ino}`, 'hex');
}

function readBoot(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
