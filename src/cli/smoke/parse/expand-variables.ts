/** A name in braces, a brace without its end, a single mark or digit, or letters: as Go's os.Expand takes them. */
const VARIABLE = /\$(?:\{([^}]*)\}|(\{)|([*#$@!?\-0-9])|([A-Za-z_][A-Za-z0-9_]*))/g;

/**
 * Puts variables of this process in the place of `$NAME` and `${NAME}`, as Go's os.ExpandEnv does: one that is not set
 * is empty.
 */
export function expandVariables(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): string {
  return text.replace(VARIABLE, (_all, braced?: string, open?: string, mark?: string, plain?: string) => {
    const name = braced ?? mark ?? plain ?? '';
    return open === undefined ? (variables[name] ?? '') : '';
  });
}
