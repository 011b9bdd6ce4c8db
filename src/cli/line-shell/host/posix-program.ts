import { writeAskingProgram } from './asking-program.ts';
import { READING_PROGRAM } from './reading-program.ts';

/**
 * What a POSIX sh runs around a line, where there is no better shell. Functions can't be written down there, so they don't
 * stay; as bash-program.ts otherwise. The state is read in front of all else, since it holds our own variables too.
 */
const POSIX_RESTORE = `
_rexa_is_restored= _rexa_cwd_lost= _rexa_exit_trap= _rexa_options=
if [ -d "$_rexa_folder" ] && [ -f "$_rexa_folder/state" ] && [ ! -L "$_rexa_folder" ] &&
  [ -n "$(command -p find "$_rexa_folder" -prune -user "$(command -p id -u)")" ]; then
  set -- "$_rexa_folder" "$_rexa_token" "$_rexa_parts" "$_rexa_check" "$_rexa_expects" "$_rexa_last_status" \\
    "$_rexa_columns" "$_rexa_rows" "\${REXA_RUN_ID-}" "\${_rexa_kind-}" "\${_rexa_base-}" "\${_rexa_most-}"
  . "$_rexa_folder/state"
  _rexa_folder=$1 _rexa_token=$2 _rexa_parts=$3 _rexa_check=$4 _rexa_expects=$5 _rexa_last_status=$6
  _rexa_columns=$7 _rexa_rows=$8 REXA_RUN_ID=$9
  shift 9
  _rexa_kind=$1 _rexa_base=$2 _rexa_most=$3
  shift 3
fi 2>/dev/null
_rexa_head=\${_rexa_token%:*} _rexa_tail=\${_rexa_token#*:} _rexa_line= _rexa_how=early
while [ "$_rexa_parts" -gt 0 ]; do
  _rexa_parts=$((_rexa_parts - 1))
  eval "_rexa_line=\\$_rexa_part$_rexa_parts\\$_rexa_line; unset _rexa_part$_rexa_parts"
done
unset _rexa_token _rexa_program _rexa_parts
`;

const POSIX_LINE = `
exec 7<&0 8>&1 9>&2

_rexa_tell() { printf '\\036%s%s%s\\036%s%s' "$_rexa_head" "$_rexa_tail" "$1" "$_rexa_head" "$_rexa_tail"; }

# EXIT and INT are ours: what the user set for EXIT stands aside until the shell is left.
_rexa_write_traps() {
  trap >"$_rexa_folder/scratch"
  while IFS= command read -r _rexa_row; do
    case $_rexa_row in
      *_rexa_leave*EXIT | *_rexa_interrupt*INT) ;;
      *EXIT) _rexa_exit_trap=$_rexa_row ;;
      *) printf '%s\\n' "$_rexa_row" ;;
    esac
  done <"$_rexa_folder/scratch"
}

_rexa_write_state() {
  set
  export -p
  alias | command -p sed 's/^alias //; s/^/alias /'
  _rexa_write_traps
  umask 022
  printf 'umask %s\\n' "$_rexa_umask"
  printf '%s\\n' '_rexa_is_restored=yes _rexa_cwd_lost=' 'cd -- "$_rexa_at" || _rexa_cwd_lost=yes' 'OLDPWD=$_rexa_before'
}

_rexa_save() {
  [ -d "$_rexa_folder" ] || return 1
  _rexa_umask=$(umask)
  umask 077
  _rexa_write_state >"$_rexa_folder/new" && command -p mv -f "$_rexa_folder/new" "$_rexa_folder/state"
}

# The line is over. $1: how, $2: its status
_rexa_end() {
  _rexa_how=$1 _rexa_status=$2 _rexa_flag=
  case $- in *e*) _rexa_flag=errexit ;; esac
  _rexa_flags=$-
  _rexa_options=$(set +o | command -p grep -v -e monitor -e noexec -e interactive -e stdin -e xtrace -e verbose)
  set +e +u +x +v +f +C
  _rexa_has_ifs=\${IFS+yes} _rexa_ifs=\${IFS-}
  unset IFS
  _rexa_at=$PWD _rexa_before=\${OLDPWD-} _rexa_saved=saved _rexa_jobs=
  # In a process of its own the list is empty
  [ -z "\${!-}" ] || { jobs -p >"$_rexa_folder/scratch" && _rexa_jobs=$(command -p tr '\\n' ',' <"$_rexa_folder/scratch"); }
  case $_rexa_how in forgotten | incomplete | misread) ;; *) _rexa_save || _rexa_saved=unsaved ;; esac
  _rexa_tell end >&8
  _rexa_tell "$_rexa_how $_rexa_status $_rexa_saved,$_rexa_flag,$_rexa_jobs $PWD" >&9
  _rexa_rest=$(command -p cat <&7; printf x)
  [ "$_rexa_rest" = x ] || _rexa_tell "rest \${_rexa_rest%x}" >&9
}

# Ends before the line do not say by what: exit is the likely one where the line has the word.
_rexa_leave() {
  case $_rexa_line in *exit*) _rexa_how=left ;; esac
  [ -z "$_rexa_is_interrupted" ] || _rexa_how=early
  _rexa_end "$_rexa_how" "$1"
  if [ -n "$_rexa_is_interrupted" ]; then
    trap - INT
    exec sh -c 'kill -INT $$; exit 130'
  fi
  _rexa_parting=
  [ "$_rexa_how" = left ] || return 0
  command -p rm -rf "$_rexa_folder"
  [ -z "$_rexa_exit_trap" ] || { eval "set $_rexa_exit_trap" && _rexa_parting=$3; }
}

_rexa_interrupt() {
  _rexa_is_interrupted=yes
  exit 130
}

_rexa_parse() { (LC_ALL=C eval "set -n
$1") 2>&1 >/dev/null; }

# 0: its end is missing; 1: it is a line; 2: it is none
_rexa_classify() {
  case $(_rexa_parse "$_rexa_line") in
    *[Ee]'nd of file'* | *[Uu]'nterminated'* | *' EOF '* | *'Missing '* | *'unexpected EOF'*) return 0 ;;
    *[Ss]'yntax error'*) return 2 ;;
  esac
  case $(_rexa_parse "(:
$_rexa_line
)") in *[Ee]'nd of file'*) return 0 ;; esac
  return 1
}

_rexa_resume() { return "$_rexa_last_status"; }

${READING_PROGRAM}
${writeAskingProgram('command read', '7', '9')}
_rexa_is_interrupted= _rexa_parting= _rexa_refusal= _rexa_verdict=1
if [ -n "$_rexa_expects" ] && [ -z "$_rexa_is_restored" ]; then
  _rexa_refusal=forgotten
elif [ -n "$_rexa_cwd_lost" ]; then
  _rexa_refusal=displaced
elif _rexa_is_misread; then
  _rexa_refusal=misread
else
  _rexa_classify
  _rexa_verdict=$?
  if [ -n "$_rexa_check" ] && [ "$_rexa_verdict" = 0 ]; then _rexa_refusal=incomplete; fi
fi
if [ -n "$_rexa_refusal" ]; then
  _rexa_end "$_rexa_refusal" "$_rexa_last_status" 2>/dev/null
  exit 0
fi
# An error of syntax ends such a shell: one of its own says it
if [ "$_rexa_verdict" != 1 ]; then
  (eval "$_rexa_line")
  _rexa_end ended 2 2>/dev/null
  exit 2
fi
trap '{ _rexa_leave "$?"; } 2>/dev/null; eval "$_rexa_parting"' EXIT
case $(trap) in *INT*) ;; *) trap _rexa_interrupt INT ;; esac
if [ -n "$_rexa_columns" ]; then COLUMNS=$_rexa_columns LINES=$_rexa_rows; fi
case \${_rexa_flags-} in *x*) _rexa_line="set -x; $_rexa_line" ;; esac
eval "$_rexa_options"
[ -z "\${_rexa_has_ifs-}" ] || IFS=$_rexa_ifs
`;

/** What sh is given to run a line by POSIX_MAIN. */
export const POSIX_PROGRAM: string = POSIX_RESTORE + POSIX_LINE;

export const POSIX_MAIN: string = [
  'eval "$_rexa_program"',
  'if _rexa_resume; then eval "$_rexa_line"; else eval "$_rexa_line"; fi',
  '{ _rexa_end ended "$?"; } 2>/dev/null',
  'trap - EXIT',
  'exit "$_rexa_status"',
].join('; ');

/** As BASH_COMPLETION_PROGRAM. */
export const POSIX_COMPLETION_PROGRAM: string = `${POSIX_RESTORE}
set +e +u +f
unset IFS
_rexa_give() {
  [ "$_rexa_most" -gt 0 ] || exit 0
  _rexa_most=$((_rexa_most - 1))
  printf '%s\\0' "$1"
}
case \${_rexa_base#[~$]} in *[!A-Za-z0-9_]*) exit 0 ;; esac
case $_rexa_base in
  '~') _rexa_base=$HOME ;;
  '~'*) eval "_rexa_base=$_rexa_base/"; _rexa_base=\${_rexa_base%/} ;;
  '$'[A-Za-z_]*)
    eval "_rexa_base=$_rexa_base"
    [ -n "$_rexa_base" ] || exit 0
    ;;
  '') ;;
  *) exit 0 ;;
esac
if [ "$_rexa_kind" = command ]; then
  IFS=:
  for _rexa_folder in $PATH; do
    for _rexa_found in "$_rexa_folder/$_rexa_line"*; do
      if [ -f "$_rexa_found" ] && [ -x "$_rexa_found" ]; then _rexa_give "\${_rexa_found##*/}"; fi
    done
  done
  exit 0
fi
for _rexa_found in "$_rexa_base$_rexa_line"*; do
  if [ -d "$_rexa_found" ]; then
    _rexa_give "\${_rexa_found#"$_rexa_base"}/"
  elif [ -e "$_rexa_found" ] || [ -L "$_rexa_found" ]; then
    case $_rexa_kind in
      path) _rexa_give "\${_rexa_found#"$_rexa_base"}" ;;
      program) [ ! -x "$_rexa_found" ] || _rexa_give "\${_rexa_found#"$_rexa_base"}" ;;
    esac
  fi
done
exit 0
`;
