package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is shown by "gokernel completion --help".
func (completionCmd) Help() string {
	return `Put one of these into your shell's start-up file:

  bash (~/.bashrc)                     source <(gokernel completion bash)
  zsh  (~/.zshrc)                      source <(gokernel completion zsh)
  fish (~/.config/fish/config.fish)    gokernel completion fish | source`
}

// The scripts ask "gokernel words" for what may follow, so they need not change when the commands do.
const (
	bashScript = `_gokernel() {
  local cur="${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(gokernel words -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "$cur"))
}
complete -o default -F _gokernel gokernel
`
	zshScript = `#compdef gokernel
_gokernel() {
  local -a candidates
  candidates=(${(f)"$(gokernel words -- "${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
  compadd -a candidates || _files
}
compdef _gokernel gokernel
`
	fishScript = `function __gokernel_words
  set -l typed (commandline -opc)
  gokernel words -- $typed[2..] 2>/dev/null
end
complete -c gokernel -a '(__gokernel_words)'
`
)

// Run prints the script of the shell asked for.
func (c *completionCmd) Run(std streams) error {
	scripts := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
	_, err := io.WriteString(std.out, scripts[c.Shell])
	return err
}

type wordsCmd struct {
	Typed []string `arg:"" optional:"" passthrough:"" help:"The words before the one to complete."`
}

// Run prints the words that may follow those typed, one a line: subcommands, arguments with a fixed set
// of values, and the flags not given yet.
func (c *wordsCmd) Run(p *kong.Kong, std streams) error {
	typed := c.Typed
	if len(typed) > 0 && typed[0] == "--" {
		typed = typed[1:]
	}
	for _, word := range candidates(p.Model.Node, typed) {
		fmt.Fprintln(std.out, word)
	}
	return nil
}

// candidates returns the words that may follow typed, below node. They are none where a flag or
// an argument wants a value of the user's own, such as a file.
func candidates(node *kong.Node, typed []string) []string {
	flags := slices.Clone(node.Flags)
	for i, word := range typed {
		for _, child := range node.Children {
			if child.Name == word {
				node = child
				flags = append(flags, child.Flags...)
				break
			}
		}
		name, isFlag := strings.CutPrefix(word, "--")
		for _, f := range flags {
			if isFlag && f.Name == name && i == len(typed)-1 && !f.IsBool() {
				return f.EnumSlice()
			}
		}
	}
	var words []string
	for _, child := range node.Children {
		if !child.Hidden {
			words = append(words, child.Name)
		}
	}
	for _, arg := range node.Positional {
		words = append(words, arg.EnumSlice()...)
	}
	for _, f := range flags {
		if !f.Hidden && !slices.Contains(typed, "--"+f.Name) {
			words = append(words, "--"+f.Name)
		}
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}
