/** Shells that there is a completion script for. */
export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish'] as const;

export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

/**
 * The script that a shell sources. It asks the program itself on each Tab: `PROGRAM completion candidates WORD...`
 * answers with lines of a word, a tab and what it means, and with `:files` where names of local files may stand.
 */
export function writeCompletionScript(shell: CompletionShell, program: string): string {
  switch (shell) {
    case 'bash':
      return BASH.replaceAll('PROGRAM', program);
    case 'zsh':
      return ZSH.replaceAll('PROGRAM', program);
    case 'fish':
      return FISH.replaceAll('PROGRAM', program);
    default:
      return shell satisfies never;
  }
}

/**
 * bash takes words apart at `:` and `=`, so they are put together first, and what is there already is cut off again. Words
 * are passed on, and compared, without their backslashes, and get them again. The shell would write other bytes than UTF-8
 * as `$'…'`, which it does not take apart again: they stay as they are, as in names of local files.
 */
const BASH = String.raw`# Completion of PROGRAM for bash: source it, or put it into ~/.local/share/bash-completion/completions/PROGRAM
_PROGRAM_bare() {
  local rest=$1
  bare=''
  while [[ $rest == *\\* ]]; do
    bare+=${'$'}{rest%%\\*}
    rest=${'$'}{rest#*\\}
    bare+=${'$'}{rest:0:1}
    rest=${'$'}{rest:1}
  done
  bare+=$rest
}
_PROGRAM_quoted() {
  local rest=$1 index
  quoted=''
  for ((index = 0; index < ${'$'}{#rest}; index++)); do
    [[ ${'$'}{rest:index:1} == [[:blank:]\\\'\"\`\$\&\|\;\<\>\(\)\{\}\[\]\*\?\!\#] ]] && quoted+=\\
    quoted+=${'$'}{rest:index:1}
  done
}
_PROGRAM_completion() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} rest part word='' text about
  local -a words=()
  rest=$line
  local index
  for ((index = 0; index <= COMP_CWORD; index++)); do
    part=${'$'}{COMP_WORDS[index]}
    ((index == COMP_CWORD)) && part=${'$'}{part:0:${'$'}{#rest}}
    if [[ $rest == [[:blank:]]* ]]; then
      words+=("$word")
      word=''
      rest=${'$'}{rest#"${'$'}{rest%%[![:blank:]]*}"}
      ((index == COMP_CWORD)) && part=$rest
    fi
    word+=$part
    rest=${'$'}{rest:${'$'}{#part}}
  done
  words+=("$word")
  local cut=''
  [[ $COMP_WORDBREAKS == *[:=]* && $word == *[:=]* ]] && cut=${'$'}{word%"${'$'}{word##*[:=]}"}
  local bare quoted
  for index in "${'$'}{!words[@]}"; do
    _PROGRAM_bare "${'$'}{words[index]}"
    words[index]=$bare
  done
  word=$bare
  _PROGRAM_bare "$cut"
  cut=$bare
  COMPREPLY=()
  while IFS=$'\t' read -r text about; do
    if [[ $text == :files ]]; then
      compopt -o default -o filenames 2>/dev/null
      while IFS= read -r text; do COMPREPLY+=("$text"); done < <(compgen -f -- "$word")
    else
      _PROGRAM_quoted "${'$'}{text#"$cut"}"
      COMPREPLY+=("$quoted")
      [[ $text == *[:/] ]] && compopt -o nospace 2>/dev/null
    fi
  done < <("${'$'}{words[0]}" completion candidates -- "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -F _PROGRAM_completion PROGRAM
`;

const ZSH = String.raw`#compdef PROGRAM
# Completion of PROGRAM for zsh: source it behind compinit, or put it as _PROGRAM into a folder of $fpath
_PROGRAM() {
  local -a answer described
  local line text about
  answer=("${'$'}{(@f)$("${'$'}{words[1]}" completion candidates -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $answer; do
    if [[ $line == :files ]]; then
      _files
    else
      text=${'$'}{line%%$'\t'*}
      about=${'$'}{line#*$'\t'}
      text=${'$'}{text//\\/\\\\}
      described+=("${'$'}{text//:/\\:}${'$'}{about:+:$about}")
    fi
  done
  (( $#described )) && _describe -t values value described
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _PROGRAM "$@"
else
  compdef _PROGRAM PROGRAM
fi
`;

const FISH = `# Completion of PROGRAM for fish: put it into ~/.config/fish/completions/PROGRAM.fish
function __PROGRAM_candidates
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l bare (string unescape -- "$current")
  and set current $bare
  for line in ($words[1] completion candidates -- $words[2..-1] "$current" 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c PROGRAM -f -a '(__PROGRAM_candidates)'
`;
