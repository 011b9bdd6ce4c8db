import { execa } from 'execa';

/** The rival of a cold run: what a script that uses execa here would do. */
await execa('true');
