import { writeAskingProgram } from './asking-program.ts';
import { READING_PROGRAM } from './reading-program.ts';
import { REFUSAL_PROGRAM } from './refusal-program.ts';

/**
 * What bash runs around a line, so that the line finds the state that the one before has left. It relies on nothing
 * newer than bash 3.2. All of its names begin with `_rexa_`; none of them is saved. Its input is in the environment
 * (line-request.ts), its state in a file of a private folder, and it speaks in records (record-filter.ts), through
 * copies of its descriptors, since a line may redirect its own (`exec 2>log`).
 */
const BASH_RESTORE = `
_rexa_head=\${_rexa_token%:*} _rexa_tail=\${_rexa_token#*:} _rexa_line= _rexa_how=early
_rexa_exit_trap= _rexa_debug_trap= _rexa_last_word= _rexa_limits= _rexa_cwd_lost= _rexa_is_exit_ours=
_rexa_set_options= _rexa_shell_options= _rexa_ifs= _rexa_parting=
while [[ $_rexa_parts -gt 0 ]]; do
  _rexa_parts=$((_rexa_parts - 1)) _rexa_name=_rexa_part$_rexa_parts
  _rexa_line=\${!_rexa_name}$_rexa_line
  unset -v "$_rexa_name"
done
_rexa_is_restored=
export -n _rexa_folder _rexa_last_status _rexa_check _rexa_expects _rexa_scratch _rexa_columns _rexa_rows
unset -v _rexa_token _rexa_program _rexa_parts

_rexa_has_folder() { [[ -d $_rexa_folder && -O $_rexa_folder && ! -L $_rexa_folder ]]; }

# What a builtin says, without a process for it
_rexa_captured=
_rexa_capture() {
  _rexa_captured=
  _rexa_has_folder || return
  "$@" >|"$_rexa_folder/$_rexa_scratch"
  IFS= builtin read -r -d '' _rexa_captured <"$_rexa_folder/$_rexa_scratch"
  _rexa_captured=\${_rexa_captured%$'\\n'}
}

# Whether a list with colons has a word
_rexa_has() { case :$1: in *:"$2":*) return 0 ;; esac; return 1; }

_rexa_excite_shell() {
  local _rexa_name IFS=:
  [[ -n $_rexa_shell_options ]] || return 0
  for _rexa_name in $BASHOPTS; do _rexa_has "$_rexa_shell_options" "$_rexa_name" || shopt -u "$_rexa_name"; done
  for _rexa_name in $_rexa_shell_options; do _rexa_has "$BASHOPTS" "$_rexa_name" || shopt -s "$_rexa_name"; done
} 2>/dev/null

shopt -s expand_aliases
if _rexa_has_folder && [[ -f $_rexa_folder/state ]]; then
  _rexa_capture compgen -e
  for _rexa_name in $_rexa_captured; do
    case $_rexa_name in _rexa_* | REXA_RUN_ID | SHLVL | PWD | _) ;; *) unset -v "$_rexa_name" ;; esac
  done
  . "$_rexa_folder/state"
fi 2>/dev/null

`;

const BASH_LINE = `
# Copies that no command inherits: bash closes on exec what it saves a descriptor to (10 is the first that it takes),
# and so it does with copies of that one.
_rexa_copy_stdio() {
  eval 'exec 47<&10' </dev/null
  eval 'exec 48>&10' >&2
  eval 'exec 49>&10' 2>&1
}
_rexa_copy_stdio
[[ /dev/fd/47 -ef /dev/fd/0 ]] || exec 47<&0
[[ /dev/fd/48 -ef /dev/fd/1 ]] || exec 48>&1
[[ /dev/fd/49 -ef /dev/fd/2 ]] || exec 49>&2

# A record stands between two tokens. The token is kept in halves, so that a list of variables does not show it.
_rexa_tell() { builtin printf '\\036%s%s%s\\036%s%s' "$_rexa_head" "$_rexa_tail" "$1" "$_rexa_head" "$_rexa_tail"; }

_rexa_unsaved=BASH:BASHOPTS:BASHPID:BASH_ALIASES:BASH_ARGC:BASH_ARGV:BASH_ARGV0:BASH_CMDS:BASH_COMMAND
_rexa_unsaved+=:BASH_EXECUTION_STRING:BASH_LINENO:BASH_MONOSECONDS:BASH_REMATCH:BASH_SOURCE:BASH_SUBSHELL
_rexa_unsaved+=:BASH_TRAPSIG:BASH_VERSINFO:BASH_VERSION:COMP_WORDBREAKS:DIRSTACK:EPOCHREALTIME:EPOCHSECONDS:EUID
_rexa_unsaved+=:FUNCNAME:GROUPS:HISTCMD:HISTFILE:LINENO:OLDPWD:PIPESTATUS:PPID:PWD:RANDOM:SECONDS:SHELLOPTS:SHLVL
_rexa_unsaved+=:SRANDOM:UID:_:IFS:REXA_RUN_ID:COLUMNS:LINES

_rexa_write_variables() {
  local _rexa_name _rexa_names
  _rexa_names=()
  _rexa_capture compgen -v
  for _rexa_name in $_rexa_captured; do
    case $_rexa_name in _rexa_*) continue ;; esac
    _rexa_has "$_rexa_unsaved" "$_rexa_name" || _rexa_names[\${#_rexa_names[@]}]=$_rexa_name
  done
  [[ \${#_rexa_names[@]} -eq 0 ]] || declare -p "\${_rexa_names[@]}"
}

_rexa_write_functions() {
  local _rexa_flags _rexa_name
  builtin printf 'shopt -s extglob\\n'
  _rexa_capture declare -F
  while builtin read -r _ _rexa_flags _rexa_name; do
    case $_rexa_name in
      _rexa_* | '') continue ;;
      exit | logout) [[ -z $_rexa_is_exit_ours ]] || continue ;;
      read)
        _rexa_capture declare -f read
        [[ $_rexa_captured != *_rexa_plan_read* ]] || continue
        ;;
    esac
    declare -f "$_rexa_name"
    [[ $_rexa_flags == -f ]] || builtin printf 'declare %s %s\\n' "$_rexa_flags" "$_rexa_name"
  done <<<"$_rexa_captured"
}

_rexa_write_places() {
  local _rexa_at
  builtin printf 'builtin cd -- %q || _rexa_cwd_lost=%q\\n' "$PWD" "$PWD"
  [[ -z \${OLDPWD+x} ]] || builtin printf 'OLDPWD=%q\\n' "$OLDPWD"
  for ((_rexa_at = \${#DIRSTACK[@]} - 1; _rexa_at > 0; _rexa_at--)); do
    builtin printf 'builtin pushd -n %q >/dev/null\\n' "\${DIRSTACK[_rexa_at]}"
  done
}

# "ulimit -a" has lines like: open files                          (-n) 1024
_rexa_write_limits() {
  local _rexa_row
  _rexa_capture ulimit -S -a
  while IFS= builtin read -r _rexa_row; do
    [[ $_rexa_row =~ (-[a-oq-z])\\)\\ +([a-z0-9]+)$ ]] || continue
    builtin printf 'ulimit -S %s %s\\n' "\${BASH_REMATCH[1]}" "\${BASH_REMATCH[2]}"
  done <<<"$_rexa_captured"
}

# EXIT is ours in every line: the user's stands aside until the shell is left. DEBUG would be called for our own.
_rexa_write_traps() {
  local _rexa_row _rexa_text=
  while IFS= builtin read -r _rexa_row; do
    case $_rexa_row in
      'trap -- '*) _rexa_write_trap; _rexa_text=$_rexa_row ;;
      *) _rexa_text+=$'\\n'$_rexa_row ;;
    esac
  done <<<"$_rexa_traps_now"
  _rexa_write_trap
  builtin printf '_rexa_exit_trap=%q _rexa_debug_trap=%q\\n' "$_rexa_exit_trap" "$_rexa_debug_trap"
}

_rexa_write_trap() {
  case $_rexa_text in
    *_rexa_leave*' EXIT' | '') ;;
    *' EXIT') _rexa_exit_trap=$_rexa_text ;;
    *' DEBUG') _rexa_debug_trap=$_rexa_text ;;
    *) builtin printf '%s\\n' "$_rexa_text" ;;
  esac
}

_rexa_write_state() {
  _rexa_write_places
  _rexa_write_variables
  _rexa_write_functions
  alias -p
  builtin printf 'set --'
  [[ \${#_rexa_arguments[@]} -eq 0 ]] || builtin printf ' %q' "\${_rexa_arguments[@]}"
  builtin printf '\\numask %s\\n' "$_rexa_umask"
  [[ $_rexa_line != *ulimit* ]] || _rexa_limits=$(_rexa_write_limits)
  [[ -z $_rexa_limits ]] || builtin printf '%s\\n_rexa_limits=%q\\n' "$_rexa_limits" "$_rexa_limits"
  builtin printf '_rexa_set_options=%q _rexa_shell_options=%q _rexa_ifs=%q _rexa_last_word=%q\\n' \\
    "$_rexa_set_now" "$_rexa_shell_now" "$_rexa_ifs_now" "$_rexa_last_word"
  _rexa_write_traps
  builtin printf '_rexa_is_restored=yes\\n'
}

# Whole or not at all: a shell that is killed meanwhile leaves the file of the line before.
_rexa_save() {
  _rexa_has_folder || return 1
  _rexa_write_state >|"$_rexa_folder/new.$$" && command -p mv -f "$_rexa_folder/new.$$" "$_rexa_folder/state"
}

# What the user set is noted and goes out of force.
_rexa_calm() {
  _rexa_set_now=$SHELLOPTS _rexa_shell_now=$BASHOPTS
  _rexa_ifs_now='unset -v IFS'
  [[ -z \${IFS+x} ]] || builtin printf -v _rexa_ifs_now 'IFS=%q' "$IFS"
  set +o errexit +o nounset +o noglob +o noclobber +o xtrace +o verbose +o allexport +o functrace +o errtrace +o posix
  IFS=$' \\t\\n'
  shopt -u nullglob failglob nocasematch
  _rexa_capture umask
  _rexa_umask=$_rexa_captured
  umask 077
  _rexa_capture trap -p
  _rexa_traps_now=$_rexa_captured
  trap - ERR DEBUG
}

# Puts the user's options back into force. What traces would show our own: it comes with the line itself.
_rexa_excite() {
  local _rexa_name _rexa_wanted=$_rexa_set_options _rexa_trace=
  local IFS=:
  if [[ -n $_rexa_debug_trap ]]; then _rexa_trace="$_rexa_debug_trap; "; fi
  for _rexa_name in $_rexa_wanted; do
    case $_rexa_name in
      monitor | histexpand | history | emacs | vi | noexec | onecmd) ;;
      xtrace | verbose) _rexa_trace+="set -o $_rexa_name; " ;;
      *) set -o "$_rexa_name" ;;
    esac
  done
  _rexa_line=$_rexa_trace$_rexa_line$'\\n{ _rexa_status=$? _rexa_last_word=$_; } 2>/dev/null'
  _rexa_status=
}

# The line is over. $1: how, $2: its status; the rest: the positional parameters
_rexa_end() {
  _rexa_how=$1 _rexa_status=$2
  _rexa_calm
  shift 2
  _rexa_arguments=("$@")
  local _rexa_jobs= _rexa_saved=saved _rexa_flag=
  [[ -z \${!-} ]] || _rexa_jobs=$(jobs -pr)
  [[ $_rexa_how == @(forgotten|incomplete|misread) ]] || _rexa_save || _rexa_saved=unsaved
  ! _rexa_has "$_rexa_set_now" errexit || _rexa_flag=errexit
  _rexa_tell end >&48
  _rexa_tell "$_rexa_how $_rexa_status $_rexa_saved,$_rexa_flag,\${_rexa_jobs//[!0-9]/,} $PWD" >&49
  _rexa_return_input
  [[ $_rexa_how == left ]] || _rexa_stay_with $_rexa_jobs
}

# Typed text that no program has read goes back: the client ends stdin as soon as it hears of the end.
_rexa_return_input() {
  local _rexa_rest=
  IFS= builtin read -r -d '' -u 47 _rexa_rest
  [[ -z $_rexa_rest ]] || _rexa_tell "rest $_rexa_rest" >&49
}

# Jobs that still write to us are stayed with, so that it arrives; SIGURG, which they ignore, lets them go on alone.
_rexa_stay_with() {
  local _rexa_pid _rexa_writers=
  for _rexa_pid; do
    [[ /proc/$_rexa_pid/fd/1 -ef /dev/fd/48 || /proc/$_rexa_pid/fd/2 -ef /dev/fd/49 ]] || continue
    _rexa_writers+=" $_rexa_pid"
  done
  [[ -n $_rexa_writers ]] || return 0
  trap : URG
  wait $_rexa_writers
}

# The shell ends before the line: by exit, set -e, an error that ends shells, or a signal.
_rexa_leave() {
  _rexa_end "$_rexa_how" "$@"
  [[ $_rexa_how == left ]] || return "$_rexa_status"
  _rexa_has_folder && command -p rm -rf "$_rexa_folder"
  if [[ -n $_rexa_exit_trap ]]; then
    eval "set -- $_rexa_exit_trap"
    _rexa_parting=$3
  fi
  return "$_rexa_status"
}

# Whether the line lacks its end. Only the parser knows: it reads the line where nothing is executed.
_rexa_is_incomplete() {
  local _rexa_said
  _rexa_said=$(
    [[ -z \${LC_ALL-} ]] || LC_CTYPE=$LC_ALL
    unset -v LC_ALL
    LC_MESSAGES=C LANGUAGE=C
    eval 'set -n'$'\\n'"$_rexa_line" 2>&1 >/dev/null
  )
  case $_rexa_said in
    *': unexpected EOF while looking for '* | *': syntax error: unexpected end of file'*) return 0 ;;
    *': warning: here-document at line '*' delimited by end-of-file'*) return 0 ;;
  esac
  return 1
}

${READING_PROGRAM}
# Gives the next command the status and the last word (its argument) of the line before.
_rexa_resume() { return "$_rexa_last_status"; }

if ! declare -F exit >/dev/null; then
  _rexa_is_exit_ours=yes
  exit() {
    local _rexa_status=$?
    [[ $BASH_SUBSHELL -gt 0 ]] || _rexa_how=left
    if [[ $# -eq 0 ]]; then builtin exit "$_rexa_status"; else builtin exit "$@"; fi
  }
  logout() { exit "$@"; }
fi
if ! declare -F read >/dev/null; then
${writeAskingProgram('builtin read', '47', '49')}
fi
_rexa_excite_shell
# A line is not run where it was not meant to be: without its state, or in another folder.
${REFUSAL_PROGRAM}
if [[ -n $_rexa_refusal ]]; then
  [[ $_rexa_refusal == incomplete ]] || _rexa_line=
  { _rexa_end "$_rexa_refusal" "$_rexa_last_status" "$@"; } >/dev/null 2>&1
  builtin exit 0
fi
trap '{ _rexa_leave "$?" "$@"; } >/dev/null 2>&1; eval "$_rexa_parting"' EXIT
_rexa_excite
eval "$_rexa_ifs"
[[ -z $_rexa_columns ]] || COLUMNS=$_rexa_columns LINES=$_rexa_rows
`;

/** What bash is given to run a line by BASH_MAIN. */
export const BASH_PROGRAM: string = BASH_RESTORE + BASH_LINE;

/** Runs the line; all on the first line of bash -c, whose number error messages name. */
export const BASH_MAIN = [
  'eval "$_rexa_program"',
  'if _rexa_resume "$_rexa_last_word"; then eval "$_rexa_line"; else eval "$_rexa_line"; fi',
  `{ _rexa_end ended "\${_rexa_status:-$?}" "$@"; } >/dev/null 2>&1`,
  'trap - EXIT',
  'builtin exit "$_rexa_status"',
].join('; ');

/**
 * Saves what the start of an interactive login shell has made of itself. exec, since a login shell that exits would
 * run what its user wrote for that.
 */
export const BASH_START_MAIN = [
  'eval "$_rexa_program"',
  '{ _rexa_end ended 0 "$@"; } >/dev/null 2>&1',
  'trap - EXIT',
  'exec sh -c "exit 0"',
].join('; ');

/**
 * Lists what a word could be, each with a NUL behind it: as a command, or as a path below the folder that `~` or a
 * variable in front of it names. Nothing of the word is evaluated: it is only ever quoted.
 */
export const BASH_COMPLETION_PROGRAM: string = `${BASH_RESTORE}
trap - ERR RETURN
_rexa_give() {
  [[ $_rexa_most -gt 0 ]] || builtin exit 0
  _rexa_most=$((_rexa_most - 1))
  builtin printf '%s\\0' "$1"
}
_rexa_list_commands() {
  local _rexa_found
  _rexa_capture compgen -c -- "$_rexa_line"
  while IFS= builtin read -r _rexa_found; do
    case $_rexa_found in _rexa_* | '') continue ;; esac
    _rexa_give "$_rexa_found"
  done <<<"$_rexa_captured"
}
_rexa_find_base() {
  case \${_rexa_base#[~$]} in *[!A-Za-z0-9_]*) builtin exit 0 ;; esac
  case $_rexa_base in
    '~') _rexa_base=$HOME ;;
    '~'*) eval "_rexa_base=$_rexa_base/"; _rexa_base=\${_rexa_base%/} ;;
    '$'[A-Za-z_]*) _rexa_name=\${_rexa_base#'$'} && _rexa_base=\${!_rexa_name} ;;
    *) _rexa_base= && return 0 ;;
  esac
  [[ -n $_rexa_base ]] || builtin exit 0
}
_rexa_list_paths() {
  local _rexa_found _rexa_slash=
  _rexa_find_base
  [[ $_rexa_kind != folder ]] || _rexa_slash=/
  set +f
  shopt -s nullglob
  shopt -u failglob nocaseglob dotglob
  for _rexa_found in "$_rexa_base$_rexa_line"*$_rexa_slash; do
    _rexa_found=\${_rexa_found%/}
    if [[ -d $_rexa_found ]]; then
      _rexa_give "\${_rexa_found#"$_rexa_base"}/"
    elif [[ $_rexa_kind == path || -x $_rexa_found ]]; then
      _rexa_give "\${_rexa_found#"$_rexa_base"}"
    fi
  done
}
case $_rexa_kind in command) _rexa_list_commands ;; *) _rexa_list_paths ;; esac
builtin exit 0
`;
