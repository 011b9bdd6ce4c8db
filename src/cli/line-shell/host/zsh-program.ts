import { READING_PROGRAM } from './reading-program.ts';
import { REFUSAL_PROGRAM } from './refusal-program.ts';

/** What zsh runs around a line; as bash-program.ts, with what zsh has for it (5.0 and newer). */
const ZSH_RESTORE = `
zmodload zsh/parameter zsh/system
_rexa_head=\${_rexa_token%:*} _rexa_tail=\${_rexa_token#*:} _rexa_line= _rexa_how=early _rexa_is_restored=
_rexa_exit_trap= _rexa_cwd_lost= _rexa_is_exit_ours= _rexa_parting= _rexa_is_interrupted= _rexa_ifs=$IFS
typeset -A _rexa_options
while (( _rexa_parts > 0 )); do
  (( _rexa_parts -= 1 ))
  _rexa_name=_rexa_part$_rexa_parts
  _rexa_line=\${(P)_rexa_name}$_rexa_line
  unset $_rexa_name
done
unset _rexa_token _rexa_program _rexa_parts
typeset +x _rexa_folder _rexa_last_status _rexa_check _rexa_expects _rexa_scratch _rexa_columns _rexa_rows

_rexa_has_folder() { [[ -d $_rexa_folder && -O $_rexa_folder && ! -L $_rexa_folder ]] }

if _rexa_has_folder && [[ -f $_rexa_folder/state ]]; then
  for _rexa_name in \${(k)parameters[(R)*export*]}; do
    case $_rexa_name in (_rexa_*|REXA_RUN_ID|SHLVL|PWD|OLDPWD|_|HOME|PATH) ;; (*) unset $_rexa_name ;; esac
  done
  # A function may have the name of an alias: those come behind the functions
  unalias -m '*'
  . $_rexa_folder/state
fi 2>/dev/null
`;

const ZSH_LINE = `
# Copies that no command inherits; where the system cannot open a descriptor anew, those that they do.
exec {_rexa_in}<&0 {_rexa_out}>&1 {_rexa_err}>&2
_rexa_reopen() {
  local _rexa_new
  sysopen $1 -o cloexec -u _rexa_new /dev/fd/\${(P)2} || return 0
  eval "exec {$2}>&-"
  : \${(P)2::=$_rexa_new}
}
{ _rexa_reopen -r _rexa_in; _rexa_reopen -w _rexa_out; _rexa_reopen -w _rexa_err } 2>/dev/null

_rexa_tell() { builtin printf '\\036%s%s%s\\036%s%s' "$_rexa_head" "$_rexa_tail" "$1" "$_rexa_head" "$_rexa_tail" }

_rexa_write_variables() {
  local _rexa_name _rexa_type
  local -a _rexa_names
  for _rexa_name _rexa_type in \${(kv)parameters}; do
    case $_rexa_name in
      (_rexa_*|REXA_RUN_ID|SHLVL|PWD|OLDPWD|_|UID|EUID|GID|EGID|USERNAME|COLUMNS|LINES|HISTFILE|IFS|TTY|signals|ZSH_*) continue ;;
    esac
    if [[ $_rexa_type == *special* ]]; then
      [[ $_rexa_type != *readonly* ]] || continue
      [[ $_rexa_type == *export* || $_rexa_name == (PATH|FPATH|CDPATH|MANPATH|WORDCHARS) ]] || continue
    fi
    [[ $_rexa_type != *local* ]] || continue
    _rexa_names+=($_rexa_name)
  done
  (( $#_rexa_names == 0 )) || typeset -p $_rexa_names
}

# Stubs of the completion system are left out: there are hundreds of them, and nothing here calls them.
_rexa_write_functions() {
  local _rexa_name
  local -a _rexa_names
  for _rexa_name in \${(k)functions}; do
    case $_rexa_name in
      (_rexa_*) continue ;;
      (exit|logout) [[ -z $_rexa_is_exit_ours ]] || continue ;;
      (read) [[ \${functions[read]} != *_rexa_plan_read* ]] || continue ;;
      (_*) [[ \${functions[$_rexa_name]} != 'builtin autoload -X'* ]] || continue ;;
    esac
    _rexa_names+=($_rexa_name)
  done
  (( $#_rexa_names == 0 )) || functions $_rexa_names
}

_rexa_write_traps() {
  local _rexa_row _rexa_text=
  for _rexa_row in "\${(@f)_rexa_traps_now}"; do
    case $_rexa_row in
      ('trap -- '*) _rexa_write_trap; _rexa_text=$_rexa_row ;;
      (*) _rexa_text+=$'\\n'$_rexa_row ;;
    esac
  done
  _rexa_write_trap
  print -r -- "_rexa_exit_trap=\${(qq)_rexa_exit_trap}"
}

_rexa_write_trap() {
  case $_rexa_text in
    (''|*_rexa_leave*' EXIT'|*_rexa_interrupt*' INT') ;;
    (*' EXIT') _rexa_exit_trap=$_rexa_text ;;
    (*) print -r -- "$_rexa_text" ;;
  esac
}

_rexa_write_state() {
  # Where "cd -" goes is not in OLDPWD, but where zsh itself was before
  print -r -- "builtin cd -q -- \${(qq)OLDPWD}; builtin cd -q -- \${(qq)PWD} || _rexa_cwd_lost=yes"
  print -r -- "dirstack=(\${(j: :)\${(@qq)dirstack}})"
  _rexa_write_variables
  _rexa_write_functions
  alias -L
  print -r -- "set -- \${(j: :)\${(@qq)_rexa_arguments}}"
  print -r -- "umask $_rexa_umask; _rexa_options=(\${(j: :)\${(@kvqq)_rexa_options}}) _rexa_ifs=\${(qq)_rexa_ifs}"
  _rexa_write_traps
  print -r -- '_rexa_is_restored=yes'
}

_rexa_save() {
  _rexa_has_folder || return 1
  umask 077
  _rexa_write_state >|$_rexa_folder/new.$$ && command -p mv -f $_rexa_folder/new.$$ $_rexa_folder/state
}

# The line is over. $1: how, $2: its status; the rest: the positional parameters
_rexa_end() {
  _rexa_how=$1 _rexa_status=$2
  _rexa_options=(\${(kv)options})
  emulate -R zsh
  _rexa_ifs=$IFS
  IFS=$' \\t\\n\\0'
  # What the user wants at the end of the shell is not for the end of a line
  trap >|$_rexa_folder/$_rexa_scratch
  _rexa_traps_now=$(<$_rexa_folder/$_rexa_scratch)
  _rexa_umask=$(umask)
  shift 2
  _rexa_arguments=("$@")
  local -a _rexa_jobs
  local _rexa_saved=saved _rexa_flag=
  # Like: running:+:1234=running
  _rexa_jobs=(\${(M)jobstates:#running:*})
  _rexa_jobs=(\${\${_rexa_jobs#*:*:}%%=*})
  [[ $_rexa_how == (forgotten|incomplete|misread) ]] || _rexa_save || _rexa_saved=unsaved
  [[ \${_rexa_options[errexit]} == off ]] || _rexa_flag=errexit
  zshexit_functions=()
  unfunction zshexit TRAPEXIT
  trap - ZERR DEBUG
  _rexa_tell end >&$_rexa_out
  _rexa_tell "$_rexa_how $_rexa_status $_rexa_saved,$_rexa_flag,\${(j:,:)_rexa_jobs} $PWD" >&$_rexa_err
  _rexa_return_input
  [[ $_rexa_how == left ]] || _rexa_stay_with $_rexa_jobs
}

_rexa_return_input() {
  local _rexa_rest= _rexa_chunk
  while sysread -i $_rexa_in _rexa_chunk; do _rexa_rest+=$_rexa_chunk; done
  [[ -z $_rexa_rest ]] || _rexa_tell "rest $_rexa_rest" >&$_rexa_err
}

_rexa_stay_with() {
  local _rexa_pid
  local -a _rexa_writers
  for _rexa_pid; do
    [[ /proc/$_rexa_pid/fd/1 -ef /dev/fd/$_rexa_out || /proc/$_rexa_pid/fd/2 -ef /dev/fd/$_rexa_err ]] || continue
    _rexa_writers+=($_rexa_pid)
  done
  (( $#_rexa_writers > 0 )) || return 0
  trap 'builtin exit $_rexa_status' URG
  wait $_rexa_writers
}

# The shell ends before the line: by exit, set -e, an error that ends shells, or SIGINT.
_rexa_leave() {
  _rexa_end $_rexa_how "$@"
  if [[ -n $_rexa_is_interrupted ]]; then
    trap - INT
    exec sh -c 'kill -INT $$; exit 130'
  fi
  [[ $_rexa_how == left ]] || return $_rexa_status
  _rexa_has_folder && command -p rm -rf $_rexa_folder
  [[ -z $_rexa_exit_trap ]] || _rexa_parting=\${(Q)\${(z)_rexa_exit_trap}[3]}
  return $_rexa_status
}

_rexa_interrupt() {
  _rexa_is_interrupted=yes
  builtin exit 130
}

# zsh parses a whole text before it runs any of it: this one is left at once.
_rexa_parse() {
  setopt localoptions noshortloops
  eval 'return 0'$'\\n'"$1"
}

# An error at a word behind the line says that its end is missing; so does one that only parentheses around it make,
# since the closing one is swallowed: a here-document.
_rexa_is_incomplete() {
  setopt localoptions extendedglob
  local _rexa_said
  if _rexa_said=$(_rexa_parse "$_rexa_line"$'\\n''_rexa_mark' 2>&1); then
    _rexa_said=$(_rexa_parse $'(:\\n'"$_rexa_line"$'\\n)' 2>&1) || return 0
    # At the end of a text zsh does not mind these
    case \${_rexa_line%%[[:space:]]#} in (*'&&'|*'|') return 0 ;; esac
    return 1
  fi
  [[ $_rexa_said == *(_rexa_mark|unmatched|'closing brace expected'|'near \`$(')* ]]
}

${READING_PROGRAM}
_rexa_resume() { return $_rexa_last_status }

# Options of the user; what traces would show our own, it comes with the line itself.
_rexa_excite() {
  local _rexa_name _rexa_value
  for _rexa_name _rexa_value in \${(kv)_rexa_options}; do
    case $_rexa_name in
      (interactive|login|shinstdin|singlecommand|privileged|restricted|monitor|zle|exec|rcs|globalrcs|errexit) ;;
      (xtrace|verbose) [[ $_rexa_value == off ]] || _rexa_line="setopt $_rexa_name; $_rexa_line" ;;
      (*) options[$_rexa_name]=$_rexa_value ;;
    esac
  done
  [[ \${_rexa_options[errexit]-off} == off ]] || _rexa_line="setopt errexit; $_rexa_line"
  _rexa_line+=$'\\n{ _rexa_status=$? } 2>/dev/null'
  _rexa_status=
}

if (( ! $+functions[exit] )); then
  _rexa_is_exit_ours=yes
  exit() {
    local _rexa_status=$?
    (( ZSH_SUBSHELL > 0 )) || _rexa_how=left
    builtin exit "\${1-$_rexa_status}"
  }
  logout() { exit "$@" }
fi
# As writeAskingProgram, with zsh's own prompt (name?prompt); -k and -q ask a terminal themselves, -p a coprocess
_rexa_plan_read() {
  emulate -L zsh
  local _rexa_word
  _rexa_prompt= _rexa_secret=
  for _rexa_word; do
    case $_rexa_word in
      (-*[pukq]*) return 1 ;;
      (-*) [[ $_rexa_word != *s* ]] || _rexa_secret=yes ;;
      (*\\?*) _rexa_prompt=\${_rexa_word#*\\?}; break ;;
      (<->) ;;
      (*) break ;;
    esac
  done
  [[ -n $_rexa_prompt$_rexa_secret && /dev/fd/0 -ef /dev/fd/$_rexa_in ]]
}
if (( ! $+functions[read] )); then
  read() {
    if [[ -z $_rexa_columns ]] || ! _rexa_plan_read "$@"; then
      builtin read "$@"
      return
    fi
    [[ -z $_rexa_secret ]] || _rexa_tell 'echo off' >&$_rexa_err
    builtin printf %s "$_rexa_prompt" >&2
    if builtin read "$@"; then _rexa_answered=0; else _rexa_answered=$?; fi
    [[ -z $_rexa_secret ]] || _rexa_tell 'echo on' >&$_rexa_err
    return $_rexa_answered
  }
fi
${REFUSAL_PROGRAM}
if [[ -n $_rexa_refusal ]]; then
  { _rexa_end $_rexa_refusal $_rexa_last_status "$@" } >/dev/null 2>&1
  builtin exit 0
fi
trap '{ _rexa_leave $? "$@" } >/dev/null 2>&1; eval "$_rexa_parting"' EXIT
[[ "$(trap)" == *' INT'* ]] || trap _rexa_interrupt INT
[[ -z $_rexa_columns ]] || { COLUMNS=$_rexa_columns LINES=$_rexa_rows }
_rexa_excite 2>/dev/null
IFS=$_rexa_ifs
`;

/** What zsh is given to run a line by ZSH_MAIN. */
export const ZSH_PROGRAM: string = ZSH_RESTORE + ZSH_LINE;

export const ZSH_MAIN: string = [
  'eval "$_rexa_program"',
  'if _rexa_resume; then eval "$_rexa_line"; else eval "$_rexa_line"; fi',
  `{ _rexa_end ended \${_rexa_status:-$?} "$@" } >/dev/null 2>&1`,
  '{ set +x } 2>/dev/null',
  'trap - EXIT',
  'builtin exit $_rexa_status',
].join('; ');

/** Saves what the start of an interactive login shell has made of itself. */
export const ZSH_START_MAIN: string = [
  'eval "$_rexa_program"',
  '{ _rexa_end ended 0 "$@" } >/dev/null 2>&1',
  'trap - EXIT',
  'exec sh -c "exit 0"',
].join('; ');

/** As BASH_COMPLETION_PROGRAM. */
export const ZSH_COMPLETION_PROGRAM: string = `${ZSH_RESTORE}
emulate -R zsh
trap - ZERR
_rexa_give() {
  (( _rexa_most > 0 )) || builtin exit 0
  (( _rexa_most -= 1 ))
  builtin printf '%s\\0' "$1"
}
case \${_rexa_base#[~$]} in (*[!A-Za-z0-9_]*) builtin exit 0 ;; esac
case $_rexa_base in
  ('~') _rexa_base=$HOME ;;
  ('~'*) eval "_rexa_base=$_rexa_base/"; _rexa_base=\${_rexa_base%/} ;;
  ('$'[A-Za-z_]*)
    _rexa_name=\${_rexa_base#'$'}
    _rexa_base=\${(P)_rexa_name}
    [[ -n $_rexa_base ]] || builtin exit 0
    ;;
  ('') ;;
  (*) builtin exit 0 ;;
esac
case $_rexa_kind in
  (command)
    for _rexa_name in \${(ok)commands} \${(ok)aliases} \${(ok)functions} \${(ok)builtins} \${(ok)reswords}; do
      [[ $_rexa_name != _rexa_* && $_rexa_name == "$_rexa_line"* ]] && _rexa_give $_rexa_name
    done
    ;;
  (*)
    for _rexa_name in "$_rexa_base$_rexa_line"*(N); do
      if [[ -d $_rexa_name ]]; then
        _rexa_give "\${_rexa_name#"$_rexa_base"}/"
      elif [[ $_rexa_kind == path || ( $_rexa_kind == program && -x $_rexa_name ) ]]; then
        _rexa_give "\${_rexa_name#"$_rexa_base"}"
      fi
    done
    ;;
esac
builtin exit 0
`;
