import fs from 'node:fs';

/**
 * Puts /dev/null in the place of stdout and stderr: programs that read them to their end wait for a process in the background no
 * more.
 */
export function closeOutput(): void {
  for (const descriptor of [1, 2]) {
    fs.closeSync(descriptor);
    // Takes the lowest descriptor that is free
    fs.openSync('/dev/null', 'w');
  }
}
