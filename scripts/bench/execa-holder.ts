import { once } from 'node:events';
import { execa } from 'execa';

/** The rival in memory: runs commands under execa when told to, and ends them when its stdin ends. */
const count = Number(process.argv[2]);
await execa('true');
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const children = Array.from({ length: count }, () =>
  execa('sleep', ['600'], { buffer: false, reject: false }),
);
process.stdout.write('running\n');
process.stdin.resume();
await once(process.stdin, 'end');
for (const child of children) child.kill('SIGKILL');
await Promise.all(children);
