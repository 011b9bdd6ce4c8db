import { createPasteTracker } from '../../protocol/paste-tracker.ts';

/** What the user asks of rexa itself, by the escape character and one more. */
export type EscapeCommand = 'leave' | 'detach' | 'help' | 'suspend' | 'status' | 'reconnect' | 'command';

/** What came of some keys: bytes for the host, and commands, in their order. */
export type TypedPart =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'command'; readonly command: EscapeCommand };

export interface EscapeReader {
  take(keys: Uint8Array): readonly TypedPart[];
}

const COMMANDS: ReadonlyMap<number, EscapeCommand> = new Map([
  [byteOf('.'), 'leave'],
  [byteOf('d'), 'detach'],
  [byteOf('?'), 'help'],
  [0x1a, 'suspend'],
  [byteOf('#'), 'status'],
  [byteOf('R'), 'reconnect'],
  [byteOf('C'), 'command'],
]);
const CR = 0x0d;
const LF = 0x0a;

/**
 * Where the next key stands: at the start of a line an escape character may begin a command; behind one the next key
 * decides.
 */
type Place = 'line-start' | 'in-line' | 'behind-escape';

/**
 * Finds the escapes among typed bytes: the escape character counts at the start of a line only, twice it stands for
 * itself, and in front of what is no command it is typed with it, as in ssh. In a bracketed paste it is text.
 * @param escapeSign one ASCII character; null: there are no escapes
 * @param canDetach whether what is left goes on; else `d` is typed
 */
export function createEscapeReader(escapeSign: string | null, canDetach = false): EscapeReader {
  if (escapeSign === null) return { take: (bytes) => [{ kind: 'bytes', bytes }] };
  const sign = byteOf(escapeSign);
  const pastes = createPasteTracker();
  let place: Place = 'line-start';

  return {
    take(keys) {
      const parts: TypedPart[] = [];
      let plain: number[] = [];

      function flush(): void {
        if (plain.length > 0) parts.push({ kind: 'bytes', bytes: Uint8Array.from(plain) });
        plain = [];
      }

      function typed(key: number): void {
        plain.push(key);
        place = key === CR || key === LF ? 'line-start' : 'in-line';
      }

      function handleBehindEscape(key: number): void {
        const command = COMMANDS.get(key);
        if (command !== undefined && (canDetach || command !== 'detach')) {
          flush();
          parts.push({ kind: 'command', command });
          place = 'line-start';
          return;
        }
        typed(sign);
        if (key !== sign) typed(key);
      }

      for (const key of keys) {
        // What is pasted is text, whatever it holds
        const isPasted = pastes.isOpen;
        pastes.take([key]);
        if (isPasted) typed(key);
        else if (place === 'behind-escape') handleBehindEscape(key);
        else if (place === 'line-start' && key === sign) place = 'behind-escape';
        else typed(key);
      }
      flush();
      return parts;
    },
  };
}

/** What `~?` shows. */
export function describeEscapes(escapeSign: string, canDetach = false): readonly string[] {
  const sign = showCharacter(escapeSign);
  const leaving = canDetach
    ? [` ${sign}d   detach: the session on the host goes on`, ` ${sign}.   the same`]
    : [` ${sign}.   disconnect: the session on the host is hung up`];
  return [
    'Supported escape sequences:',
    ...leaving,
    ` ${sign}^Z  suspend rexa; fg resumes it`,
    ` ${sign}#   show the connection and what is forwarded`,
    ` ${sign}C   add or cancel forwardings, on a command line`,
    ` ${sign}R   reconnect now`,
    ` ${sign}?   show this message`,
    ` ${sign}${sign}   send ${sign}`,
    '(Note that escapes are only recognized immediately after newline.)',
    'if rexa is killed by SIGKILL, restore the terminal with: stty sane and Ctrl-J',
  ];
}

/** `^]` for Ctrl-]. */
export function showCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : character;
}

function byteOf(character: string): number {
  return character.charCodeAt(0);
}
