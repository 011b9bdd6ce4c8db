// What the build does in the bundle: execa in the process of the tests takes the runner's child processes.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { INJECTED_SPAWN, isSpawnOfExeca } from '../scripts/build/redirect-spawn.mjs';

registerHooks({
  resolve: (specifier, context, next) =>
    isSpawnOfExeca(specifier, context.parentURL)
      ? next(pathToFileURL(INJECTED_SPAWN).href, context)
      : next(specifier, context),
});
