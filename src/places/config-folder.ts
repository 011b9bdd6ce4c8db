import path from 'node:path';
import { homeFolder } from './home-folder.ts';

/** Returns the folder of the client's own files: `$XDG_CONFIG_HOME/rexa`, else `~/.config/rexa`. */
export function configFolder(): string {
  const chosen = process.env['XDG_CONFIG_HOME'];
  const folder =
    chosen !== undefined && path.isAbsolute(chosen) ? chosen : path.join(homeFolder(), '.config');
  return path.join(folder, 'rexa');
}
