import { constants } from 'node:os';
import type { Koffi } from './koffi-types.ts';
import type { PosixSpawn, SpawnPlan } from './system-calls.ts';

/** The flags of spawn.h that differ by system. */
export interface SpawnNumbers {
  readonly POSIX_SPAWN_SETSID: number;
  /** POSIX_SPAWN_CLOEXEC_DEFAULT where there is such a flag; else 0. */
  readonly POSIX_SPAWN_CLOEXEC_DEFAULT: number;
}

const POSIX_SPAWN_SETSIGDEF = 4;
const POSIX_SPAWN_SETSIGMASK = 8;
/** A posix_spawnattr_t, a posix_spawn_file_actions_t and a sigset_t with room to spare: 336, 80 and 128 bytes in glibc. */
const ATTRIBUTES_BYTES = 512;
const ACTIONS_BYTES = 256;
const SIGNALS_BYTES = 128;
/** Where the parts of a plan stand in its memory: the pid, the file actions, the pointers, the strings. */
const ACTIONS_OFFSET = 8;
const POINTERS_OFFSET = ACTIONS_OFFSET + ACTIONS_BYTES;
/** A command has these, whatever else it has. */
const STANDARD_DESCRIPTORS = 3;
const DEV_NULL = Buffer.from('/dev/null\0');
const O_RDONLY = 0;
const O_RDWR = 2;

type Address = number | bigint;
type ActionCall<Words extends readonly unknown[]> = (actions: Address, ...words: Words) => number;

/** A plan as the calls take it. */
interface PackedPlan {
  /** Holds all that the addresses point to: it has to be kept until the call has returned. */
  readonly memory: Buffer;
  readonly words: readonly [
    pid: Address,
    path: Address,
    actions: Address,
    flags: Buffer,
    argv: Address,
    env: Address,
  ];
}

/**
 * Processes through posix_spawn(3), which takes as long in a large process as in a small one (glibc and macOS don't copy
 * the page tables). @returns null when the C library lacks one of the calls
 */
export function openPosixSpawn(koffi: Koffi, numbers: SpawnNumbers): PosixSpawn | null {
  try {
    return bindPosixSpawn(koffi, numbers);
  } catch {
    return null;
  }
}

function bindPosixSpawn(koffi: Koffi, numbers: SpawnNumbers): PosixSpawn {
  const libc = koffi.load(null);
  const pointerBytes = koffi.sizeof('void *');
  const spawn = libc.func(
    'int posix_spawn(uintptr_t pid, uintptr_t path, uintptr_t actions, void *attributes, uintptr_t argv, uintptr_t env)',
  );
  const bindAction = <Words extends readonly unknown[]>(name: string, types = ''): ActionCall<Words> =>
    libc.func(`int posix_spawn_file_actions_${name}(uintptr_t actions${types})`) as ActionCall<Words>;
  const initActions = bindAction<[]>('init');
  const destroyActions = bindAction<[]>('destroy');
  const addDup2 = bindAction<[from: number, to: number]>('adddup2', ', int from, int to');
  const addClose = bindAction<[fd: number]>('addclose', ', int fd');
  const addChdir = bindAction<[path: Address]>('addchdir_np', ', uintptr_t path');
  const addOpen = bindAction<[fd: number, path: Buffer, flags: number, mode: number]>(
    'addopen',
    ', int fd, void *path, int flags, uint mode',
  );
  const addCloseFrom = tryBind(() => bindAction<[from: number]>('addclosefrom_np', ', int from'));
  const trim = tryBind(() => libc.func('int malloc_trim(size_t padding)'));
  const attributes = makeAttributes();

  /** A session of its own, no signal blocked, and none ignored: Node ignores SIGPIPE, and both are inherited. */
  function makeAttributes(): Buffer {
    const made = Buffer.alloc(ATTRIBUTES_BYTES);
    const call = (name: string, type: string) =>
      libc.func(`int posix_spawnattr_${name}(void *attributes, ${type})`) as (
        attributes: Buffer,
        value: Buffer | number,
      ) => number;
    (libc.func('int posix_spawnattr_init(void *attributes)') as (attributes: Buffer) => number)(made);
    call('setsigmask', 'void *signals')(made, Buffer.alloc(SIGNALS_BYTES));
    // Not by sigfillset(3): it leaves out two of the C library's own, which would then be ignored in the command
    call('setsigdefault', 'void *signals')(made, Buffer.alloc(SIGNALS_BYTES, 0xff));
    const { POSIX_SPAWN_SETSID, POSIX_SPAWN_CLOEXEC_DEFAULT } = numbers;
    call('setflags', 'short flags')(
      made,
      POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID | POSIX_SPAWN_CLOEXEC_DEFAULT,
    );
    return made;
  }

  function pack({ path, argv, environment, cwd, stdio }: SpawnPlan): PackedPlan {
    const strings = [...argv, ...environment, path, cwd];
    const pointers = argv.length + environment.length + 2;
    let at = POINTERS_OFFSET + pointers * pointerBytes;
    const memory = Buffer.allocUnsafeSlow(strings.reduce((bytes, { length }) => bytes + length + 1, at));
    const base = koffi.address(memory);
    const addresses: bigint[] = [];
    for (const string of strings) {
      addresses.push(base + BigInt(at));
      memory.set(string, at);
      at += string.length;
      memory[at++] = 0;
    }
    const [pathAddress = 0n, cwdAddress = 0n] = addresses.splice(-2);
    const table = [...addresses.slice(0, argv.length), 0n, ...addresses.slice(argv.length), 0n];
    const Pointers = pointerBytes === 8 ? BigUint64Array : Uint32Array;
    const column = new Pointers(memory.buffer, POINTERS_OFFSET, pointers);
    for (const [index, address] of table.entries())
      column[index] = pointerBytes === 8 ? address : Number(address);
    const actions = base + BigInt(ACTIONS_OFFSET);
    addActions(actions, cwdAddress, stdio);
    const argvAddress = base + BigInt(POINTERS_OFFSET);
    const envAddress = argvAddress + BigInt((argv.length + 1) * pointerBytes);
    return { memory, words: [base, pathAddress, actions, attributes, argvAddress, envAddress] };
  }

  function addActions(actions: bigint, cwd: bigint, stdio: SpawnPlan['stdio']): void {
    initActions(actions);
    if ('terminal' in stdio) {
      // A session leader without a terminal that opens one gets it as its own (credentials(7))
      addOpen(actions, 0, Buffer.from(`${stdio.terminal}\0`), O_RDWR, 0);
      addDup2(actions, 0, 1);
      addDup2(actions, 0, 2);
    } else {
      addDescriptors(actions, stdio);
    }
    addCloseFrom?.(actions, 'terminal' in stdio ? STANDARD_DESCRIPTORS : stdio.length);
    addChdir(actions, cwd);
  }

  function addDescriptors(actions: bigint, stdio: Exclude<SpawnPlan['stdio'], { terminal: string }>): void {
    let sources = stdio;
    if (stdio.length > STANDARD_DESCRIPTORS) {
      // A source may have the number of another one's target: all are first moved above all of them
      const base = Math.max(stdio.length, ...stdio.map((source) => (source ?? 0) + 1));
      sources = stdio.map((source, fd) => {
        if (typeof source !== 'number') return source;
        addDup2(actions, source, base + fd);
        return base + fd;
      });
    }
    for (const [fd, source] of sources.entries()) {
      if (source === null) addOpen(actions, fd, DEV_NULL, fd === 0 ? O_RDONLY : O_RDWR, 0);
      else if (source !== undefined) addDup2(actions, source, fd);
      else addClose(actions, fd);
    }
    if (sources === stdio) return;
    for (const source of sources) if (typeof source === 'number') addClose(actions, source);
  }

  function finish({ memory, words }: PackedPlan, error: number): number {
    destroyActions(words[2]);
    return error === 0 ? (new Int32Array(memory.buffer, 0, 1)[0] ?? 0) : -error;
  }

  return {
    spawn(plan) {
      const packed = pack(plan);
      return finish(packed, (spawn as (...words: PackedPlan['words']) => number)(...packed.words));
    },
    spawnAside(plan, handleEnd) {
      const packed = pack(plan);
      spawn.async(...packed.words, (failure: Error | null, error: number) => {
        handleEnd(finish(packed, failure === null ? error : constants.errno.ENOMEM));
      });
    },
    trimMemory: () => void trim?.async(0, () => undefined),
  };
}

function tryBind<T>(bind: () => T): T | null {
  try {
    return bind();
  } catch {
    return null;
  }
}
