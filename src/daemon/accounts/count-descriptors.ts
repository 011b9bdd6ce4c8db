import fs from 'node:fs';
import { FALLBACK_DESCRIPTORS } from '../limits.ts';

/** How many descriptors this process may have: Node has raised the soft limit to the hard one at its start (setrlimit(2)). */
export function countDescriptors(): number {
  try {
    const [, most] = /^Max open files\s+(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return most === undefined ? FALLBACK_DESCRIPTORS : Number(most);
  } catch {
    return FALLBACK_DESCRIPTORS;
  }
}
