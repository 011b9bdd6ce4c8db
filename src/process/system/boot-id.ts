import { readFileSync } from 'node:fs';

/** Names this run of the operating system: a pid of another one is void. Empty where the system does not say it. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
