#!/usr/bin/env python3
"""Makes the completions for bash and zsh from the program's own table of commands and options.

usage: completion.py --program PROGRAM --output FOLDER      (writes heloguard.bash and _heloguard)
"""
import argparse
import pathlib
import shlex

import reference_pages

BASH = """\
# bash completion for heloguard; made from the program's table of commands.

_heloguard() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
            {commands}) command=${{COMP_WORDS[i]}}; break ;;
        esac
    done
    case $command:$before in
{values}
    esac
    local words= files=
    case $command in
{options}
    esac
    if [[ $word != -* && -n $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    fi
}}
complete -F _heloguard heloguard
"""

ZSH = """\
#compdef heloguard
# zsh completion for heloguard; made from the program's table of commands.

_heloguard() {{
    local context state state_descr line
    typeset -A opt_args
    _arguments -C \\
{general}
        '1: :->command' \\
        '*:: :->arguments' && return
    case $state in
        command)
            local -a commands=(
{commands}
            )
            _describe -t commands 'heloguard command' commands
            ;;
        arguments)
            case $words[1] in
{cases}
            esac
            ;;
    esac
}}

if [[ ${{funcstack[1]}} == _heloguard ]]; then
    _heloguard "$@"
else
    compdef _heloguard heloguard
fi
"""


def options_of(options):
    return [name for option in options if option.is_word for name in option.names]


def bash_value(command, option):
    """The case that completes what comes after an option, and ends there."""
    if not option.is_word or not option.value:
        return []
    after = "|".join(f"{command}:{name}" for name in option.names)
    if option.choices():
        words = " ".join(option.choices())
        return [f'        {after}) mapfile -t COMPREPLY < <(compgen -W "{words}" -- "$word"); return ;;']
    if option.takes_path():
        return [f"        {after}) compopt -o filenames 2>/dev/null; "
                'mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;']
    return [f"        {after}) return ;;"]


def bash(commands):
    general, rest = commands[0], commands[1:]
    names = [name for name, _, _ in rest]
    values = [line for name, _, options in commands for option in options for line in bash_value(name, option)]
    cases = [f'        "") words="{" ".join(names + options_of(general[2]))}" ;;']
    for name, _, options in rest:
        files = " files=yes" if any(o.takes_path() for o in options if not o.is_word) else ""
        cases.append(f'        {name}) words="{" ".join(options_of(options))}"{files} ;;')
    return BASH.format(commands="|".join(names), values="\n".join(values), options="\n".join(cases))


def zsh_text(text):
    for special in "\\[]:":
        text = text.replace(special, "\\" + special)
    return text.replace("`", "")


def zsh_specs(options):
    """_arguments specifications of one command."""
    specs = []
    for option in options:
        if option.choices():
            completes = f"({' '.join(option.choices())})"
        else:
            completes = "_files" if option.takes_path() else " "
        if not option.is_word:
            specs.append(f"*:{zsh_text(option.help)}:{completes}")
            continue
        for name in option.names:
            others = f"({' '.join(option.names)})"
            value = f":{zsh_text(option.value)}:{completes}" if option.value else ""
            specs.append(f"{others}{name}[{zsh_text(option.help)}]{value}")
    return specs


def zsh(commands):
    general, rest = commands[0], commands[1:]
    described = [f"{name}:{zsh_text(' '.join(section.before[0]))}" for name, section, _ in rest]
    cases = []
    for name, _, options in rest:
        specs = " \\\n".join(f"                        {shlex.quote(spec)}" for spec in zsh_specs(options))
        cases.append(f"                {name})\n                    _arguments \\\n{specs}\n                    ;;")
    return ZSH.format(general="\n".join(f"        {shlex.quote(spec)} \\" for spec in zsh_specs(general[2])),
                      commands="\n".join(f"                {shlex.quote(text)}" for text in described),
                      cases="\n".join(cases))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    options = parser.parse_args()
    commands = reference_pages.commands(options.program)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "heloguard.bash").write_text(bash(commands), encoding="utf-8")
    (options.output / "_heloguard").write_text(zsh(commands), encoding="utf-8")


if __name__ == "__main__":
    main()
