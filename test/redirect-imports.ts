// What the build does in the bundle: execa in the process of the tests takes the runner's child processes.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import {
  DAEMON_REDIRECTS,
  findRedirect,
  findUnexported,
  targetOf,
} from '../scripts/build/redirect-imports.mjs';

registerHooks({
  resolve(specifier, context, next) {
    const redirect = findRedirect(DAEMON_REDIRECTS, specifier, context.parentURL);
    if (redirect !== undefined) return next(pathToFileURL(targetOf(redirect)).href, context);
    const file = findUnexported(specifier);
    return next(file === undefined ? specifier : pathToFileURL(file).href, context);
  },
});
