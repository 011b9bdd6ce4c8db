// `npm run docs`: writes the pages that are made from the sources.
import { writeConfigSchema } from './make-config-schema.ts';
import { writeDropIn } from './make-drop-in.ts';
import { writeExitCodes } from './make-exit-codes.ts';

writeExitCodes();
writeConfigSchema();
writeDropIn();
