import fs from 'node:fs';

const O_CLOEXEC = 0o2000000;
const FIRST_EXTRA_DESCRIPTOR = 3;

/** Closes what this process has inherited: programs that read its output to the end do not wait for it any more. */
export function closeInherited(): void {
  for (const descriptor of [1, 2]) {
    fs.closeSync(descriptor);
    // Takes the lowest descriptor that is free
    fs.openSync('/dev/null', 'w');
  }
  for (const descriptor of listInherited()) fs.closeSync(descriptor);
}

/** Lists what is open above stderr and was not opened by this process, since Node opens everything close-on-exec. */
function listInherited(): readonly number[] {
  if (process.platform !== 'linux') return [];
  return fs
    .readdirSync('/proc/self/fdinfo')
    .map(Number)
    .filter((descriptor) => descriptor >= FIRST_EXTRA_DESCRIPTOR && !isOwn(descriptor));
}

function isOwn(descriptor: number): boolean {
  try {
    const [, flags = ''] =
      /^flags:\s*([0-7]+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? [];
    return (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
  } catch {
    // That of the listing is closed by now
    return true;
  }
}
