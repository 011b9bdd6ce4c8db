/**
 * A `read` for the shells of lines, since their stdin is no terminal: it shows its prompt (`-p`), and has the client show
 * nothing of what is typed (`-s`). Only where stdin is that of the line itself, and a person types there.
 * @param builtin runs the shell's own
 * @param input the descriptor that is a copy of the line's stdin
 * @param errors the same of its stderr
 */
export function writeAskingProgram(builtin: string, input: string, errors: string): string {
  return `
# Leaves the prompt and the wish for secrecy in variables; false: there are neither
_rexa_plan_read() {
  _rexa_prompt= _rexa_secret=
  while [ "$#" -gt 0 ]; do
    case $1 in --) break ;; -?*) ;; *) break ;; esac
    _rexa_word=\${1#-}
    shift
    while [ -n "$_rexa_word" ]; do
      _rexa_next=\${_rexa_word#?}
      _rexa_letter=\${_rexa_word%"$_rexa_next"}
      _rexa_word=$_rexa_next
      case $_rexa_letter in
        s) _rexa_secret=yes ;;
        [adinNptu])
          if [ -z "$_rexa_word" ]; then
            [ "$#" -gt 0 ] || return 1
            _rexa_word=$1
            shift
          fi
          case $_rexa_letter in p) _rexa_prompt=$_rexa_word ;; u) return 1 ;; esac
          _rexa_word=
          ;;
      esac
    done
  done
  [ -n "$_rexa_prompt$_rexa_secret" ] && [ /dev/fd/0 -ef "/dev/fd/${input}" ]
}
read() {
  # Traces show the call alone
  { local - && set +x; } 2>/dev/null
  if [ -z "$_rexa_columns" ] || ! _rexa_plan_read "$@"; then
    ${builtin} "$@"
    return
  fi
  [ -z "$_rexa_secret" ] || _rexa_tell 'echo off' >&${errors}
  printf %s "$_rexa_prompt" >&2
  if ${builtin} "$@"; then _rexa_answered=0; else _rexa_answered=$?; fi
  [ -z "$_rexa_secret" ] || _rexa_tell 'echo on' >&${errors}
  return "$_rexa_answered"
}
`;
}
