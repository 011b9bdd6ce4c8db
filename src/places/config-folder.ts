import path from 'node:path';
import { homeFolder } from './home-folder.ts';

/** Returns the folder of the client's own files: `$XDG_CONFIG_HOME/rexa`, else `~/.config/rexa`. */
export function configFolder(): string {
  return baseFolder('XDG_CONFIG_HOME', '.config');
}

/** Returns the folder of what the client remembers: `$XDG_STATE_HOME/rexa`, else `~/.local/state/rexa`. */
export function memoryFolder(): string {
  return baseFolder('XDG_STATE_HOME', '.local/state');
}

/** Returns rexa's part of a folder that a variable of the XDG names, if it is absolute; else one in our home folder. */
export function baseFolder(variable: string, otherwise: string): string {
  const chosen = process.env[variable];
  const isChosen = chosen !== undefined && path.isAbsolute(chosen);
  return path.join(isChosen ? chosen : path.join(homeFolder(), otherwise), 'rexa');
}
