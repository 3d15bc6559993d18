#!/usr/bin/env python3
"""The manual page and the shells' completions have every command and flag of the help, and work.

    generated_texts.py INFEROMETER
"""

import re
import shutil
import subprocess
import sys
import tempfile

BINARY = sys.argv[1]


def say(*arguments):
    return subprocess.run([BINARY, *arguments], check=True, capture_output=True, text=True).stdout


def names_in_help():
    """Each command, "" for the program itself, with its flags."""
    top = say("--help")
    commands = re.findall(r"^  ([a-z]+) ", top.partition("Subcommands:")[2], re.MULTILINE)
    assert "probe" in commands, top
    helps = {"": top.partition("Subcommands:")[0], **{each: say(each, "--help") for each in commands}}
    return {name: re.findall(r"^  (?:-\w,)?(--[\w.-]+)", text, re.MULTILINE)
            for name, text in helps.items()}


def check_manual(commands):
    page = say("--help-man").replace("\\-", "-")
    for name, flags in commands.items():
        section = page.partition(f'.SH "COMMAND {name}"' if name else ".SH OPTIONS")[2]
        section = section.partition(".SH ")[0]
        missing = [flag for flag in flags if f"{flag}\\fR" not in section]
        assert not missing, (name, missing)


def complete_in_bash(script, words):
    code = f"""source {script}
COMP_WORDS=({" ".join(f"'{word}'" for word in words)}) COMP_CWORD={len(words) - 1}
_inferometer
printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", code], check=True, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.stdout.split()


def check_bash(commands, folder):
    script = f"{folder}/bash"
    with open(script, "w") as file:
        file.write(say("--completion-script-bash"))
    names = [name for name in commands if name]
    assert complete_in_bash(script, ["inferometer", ""]) == names
    assert complete_in_bash(script, ["inferometer", "ru"]) == ["rules"]
    assert complete_in_bash(script, ["inferometer", "--config.file", ""]) == []  # a file's name
    for name, flags in commands.items():
        words = ["inferometer", *([name] if name else []), "--"]
        assert complete_in_bash(script, words) == flags, (name, flags)


def check_other_shells(commands, folder):
    """The shells themselves check the scripts where they are installed."""
    for shell, mark in (("zsh", "*{}"), ("fish", " -l {}")):
        text = say(f"--completion-script-{shell}")
        for name, flags in commands.items():
            for flag in flags:
                assert mark.format(flag if shell == "zsh" else flag[2:]) in text, (shell, flag)
        with open(f"{folder}/{shell}", "w") as file:
            file.write(text)
        if shutil.which(shell):
            subprocess.run([shell, "-n", f"{folder}/{shell}"], check=True)


def main():
    commands = names_in_help()
    check_manual(commands)
    with tempfile.TemporaryDirectory() as folder:
        check_bash(commands, folder)
        check_other_shells(commands, folder)


main()
