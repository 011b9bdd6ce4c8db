import fs from 'node:fs';
import path from 'node:path';
import { stateFolder } from '../../places/local-socket.ts';
import { makeFolder } from '../../places/make-folder.ts';
import { MAX_LAST_KEYS, MAX_LAST_KEYS_BYTES } from '../limits.ts';

/** The key that was let in last: by its fingerprint, and where it was found. */
export interface LastKey {
  /** Of the blob that was offered: a key's, or a certificate's. */
  readonly fingerprint: string;
  /** `ssh-agent`, or the file's path. */
  readonly source: string;
}

/**
 * Which key each host let in, kept between calls: it is proven at once, where others would be offered first. It decides
 * nothing but the order, so that a file that is damaged or can't be written is a pity and no more.
 */
export interface LastKeys {
  /** @param login the account and the host: `alice@build1:7522` */
  find(login: string): LastKey | null;
  remember(login: string, key: LastKey): void;
  forget(login: string): void;
}

export function openLastKeys(file = path.join(stateFolder(), 'last-keys.json')): LastKeys {
  return {
    find: (login) => read(file).get(login) ?? null,
    remember(login, key) {
      const entries = read(file);
      const known = entries.get(login);
      if (known?.fingerprint === key.fingerprint && known.source === key.source) return;
      entries.delete(login);
      entries.set(login, key);
      write(file, entries);
    },
    forget(login) {
      const entries = read(file);
      if (entries.delete(login)) write(file, entries);
    },
  };
}

function read(file: string): Map<string, LastKey> {
  try {
    const text = fs.readFileSync(file, 'utf8');
    if (text.length > MAX_LAST_KEYS_BYTES) return new Map();
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, LastKey] => isLastKey(entry[1])));
  } catch {
    return new Map();
  }
}

function isLastKey(value: unknown): value is LastKey {
  const { fingerprint, source } = (value ?? {}) as Partial<LastKey>;
  return typeof fingerprint === 'string' && typeof source === 'string';
}

/** Whoever reads meanwhile finds the old file or the new one whole. */
function write(file: string, entries: ReadonlyMap<string, LastKey>): void {
  const kept = Object.fromEntries([...entries].slice(-MAX_LAST_KEYS));
  const draft = `${file}.${process.pid}`;
  try {
    makeFolder(path.dirname(file));
    fs.writeFileSync(draft, `${JSON.stringify(kept, null, 1)}\n`, { mode: 0o600 });
    fs.renameSync(draft, file);
  } catch {
    removeDraft(draft);
  }
}

/** There may be none, nor a folder for one. */
function removeDraft(draft: string): void {
  try {
    fs.rmSync(draft, { force: true });
  } catch {
    // Then it was never made
  }
}
