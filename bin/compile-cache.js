const fs = process.getBuiltinModule('fs');
const os = process.getBuiltinModule('os');
const path = process.getBuiltinModule('path');

const WRITABLE_BY_OTHERS = 0o022;
const FOR_OTHERS = 0o077;

/**
 * Returns the folder for compiled code, which is kept between starts and makes them quicker; null where there is none. What
 * is kept is run later: it lies in a folder of mode 0700 that is ours, whatever the umask is, below folders that nobody else
 * may write to. Where that can't be had, nothing is kept.
 */
module.exports = function compileCacheFolder() {
  const umask = process.umask(FOR_OTHERS);
  try {
    const caches = cacheFolder();
    const parent = path.join(caches, 'rexa');
    const folder = path.join(parent, 'compile');
    if (!isSafe(caches, WRITABLE_BY_OTHERS) || !isSafe(parent, WRITABLE_BY_OTHERS)) return null;
    // Others may have put code there
    if (!isSafe(folder, FOR_OTHERS)) fs.rmSync(folder, { recursive: true });
    return isSafe(folder, FOR_OTHERS) ? folder : null;
  } catch {
    // No home folder, a disk that is full or read-only, a folder of somebody else: the start is slower, nothing else
    return null;
  } finally {
    process.umask(umask);
  }
};

function cacheFolder() {
  const chosen = process.env.XDG_CACHE_HOME;
  if (chosen && path.isAbsolute(chosen)) return chosen;
  const home = os.homedir();
  // With an empty HOME it would be below the working folder
  if (!path.isAbsolute(home)) throw new Error('there is no home folder');
  return path.join(home, '.cache');
}

/**
 * Whether a folder is ours and has none of these permissions. One that is not there is made, but never the one above it:
 * a missing home folder stays missing. (A recursive mkdir, such as Node's own for this cache, never returns where mkdir
 * says ENOENT below a folder that exists, as in /proc.)
 */
function isSafe(folder, forbidden) {
  const status = fs.statSync(folder, { throwIfNoEntry: false });
  if (status === undefined) {
    fs.mkdirSync(folder);
    return isSafe(folder, forbidden);
  }
  if (!process.getuid) return true;
  return status.isDirectory() && status.uid === process.getuid() && (status.mode & forbidden) === 0;
}
