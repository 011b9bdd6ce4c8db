import type koffi from 'koffi';

type Koffi = typeof koffi;
type Library = ReturnType<Koffi['load']>;

/** A C library that has been opened, and koffi itself for errno. */
export interface CLibrary {
  readonly koffi: Koffi;
  readonly library: Library;
}

let loading: Promise<CLibrary | null> | undefined;

/**
 * Opens the C library of this process, once.
 * @returns null without koffi, which is an optional dependency, and on Windows
 */
export function loadCLibrary(): Promise<CLibrary | null> {
  loading ??= openCLibrary();
  return loading;
}

async function openCLibrary(): Promise<CLibrary | null> {
  if (process.platform === 'win32') return null;
  try {
    const { default: loaded } = await import('koffi');
    return { koffi: loaded, library: loaded.load(null) };
  } catch {
    return null;
  }
}
