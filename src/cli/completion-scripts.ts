import { completionOption } from './parser-rules.ts';

/*
 * What a shell runs when somebody types: it asks the program for words, and completes paths itself where there are none. Names on
 * the Disk (`disk:/…`) are no paths of this machine.
 */

/** This shell cuts words at `=` and `:` too; they are put together again, and of what is found the end alone is its to set. */
const bash = `_yadiskfs() {
    local line=\${COMP_LINE:0:COMP_POINT} breaks=\${COMP_WORDBREAKS//[^=:]/} words=() word found cut i
    for ((i = 0; i < COMP_CWORD; i++)); do
        word=\${COMP_WORDS[i]}
        if ((i > 0)) && [[ $line != [[:blank:]]* ]]; then words[-1]+=$word; else words+=("$word"); fi
        line=\${line#"\${line%%[![:blank:]]*}"}
        line=\${line#"$word"}
    done
    if [[ $line == [[:blank:]]* ]]; then words+=("\${line#"\${line%%[![:blank:]]*}"}"); else words[-1]+=$line; fi
    word=\${words[-1]}
    if [[ $breaks ]]; then cut=\${word%"\${word##*[$breaks]}"}; fi
    mapfile -t found < <(SHELL=bash yadiskfs ${completionOption} "\${words[@]}" 2>/dev/null)
    COMPREPLY=("\${found[@]#"$cut"}")
    if [[ \${found[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
    if [[ $word == disk:* ]]; then compopt +o default +o bashdefault 2>/dev/null; fi
}
complete -o bashdefault -o default -F _yadiskfs yadiskfs
`;

const zsh = `#compdef yadiskfs
_yadiskfs() {
    local -a found begun
    found=("\${(@f)$(SHELL=zsh yadiskfs ${completionOption} "\${(@)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
    found=("\${(@)found:#}")
    if ((\${#found})); then
        begun=("\${(@M)found:#*=(|:*)}")
        found=("\${(@)found:#*=(|:*)}")
        _describe yadiskfs begun -S '' -- found
    elif [[ $PREFIX != disk:* ]]; then
        compset -P '--*='
        _files
    fi
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _yadiskfs "$@"; else compdef _yadiskfs yadiskfs; fi
`;

const fish = `function __yadiskfs_words
    set -l word (commandline -ct)
    set -l found (env SHELL=fish yadiskfs ${completionOption} (commandline -opc) $word 2>/dev/null)
    if test (count $found) -gt 0
        string join \\n -- $found
    else if not string match -q 'disk:*' -- $word
        set -l head (string match -r '^--[^=]*=' -- $word)
        for path in (complete -C "'' "(string replace -r '^--[^=]*=' '' -- $word))
            echo "$head$path"
        end
    end
end
complete -c yadiskfs -f -a '(__yadiskfs_words)'
`;

export const completionScripts = { bash, zsh, fish } as const;
