package magic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Commands returns the commands that need no notebook. %help is not among them, for it
// knows a whole table: see HelpCommand.
func Commands() []Command {
	return []Command{
		{
			Name: "%cd", Usage: "%cd [DIR]", Example: "%cd data", Arg: DirArg, Run: runCd,
			Doc: "changes the working directory\n\nWithout DIR that is the home directory; ~ stands for it, and - for the directory before.",
		},
		{
			Name: "%env", Usage: "%env [NAME[=VALUE]]", Example: "%env GOMAXPROCS=2", Arg: EnvArg, Run: runEnv,
			Doc: "shows or sets environment variables\n\n%env lists all, %env NAME shows one, %env NAME=VALUE or %env NAME VALUE sets one for Go code and for programs.",
		},
		{
			Name: "%go111module", Usage: "%go111module {on|off}", Example: "%go111module on", Run: runGo111module,
			Flags: []Flag{{"on", "modules, which is how it always is"}, {"off", "not possible any more"}},
			Doc:   "does nothing: modules are always on\n\nIt is here for notebooks written for gophernotes.",
		},
		{
			Name: "%%writefile", Usage: "%%writefile [-a] FILE", Example: "%%writefile main.go", Arg: FileArg, Run: runWritefile,
			Flags: []Flag{{"-a", "add to the end of the file"}},
			Doc:   "writes the rest of the cell to a file",
		},
		{
			Name: "%%bash", Usage: "%%bash [ARG…]", Example: "%%bash", Arg: ShellArg, Run: runScript,
			Doc: "runs the rest of the cell in bash\n\nThe arguments are $1, $2, …. The cell fails if the script ends with another status than 0.",
		},
		{
			Name: "%%sh", Usage: "%%sh [ARG…]", Example: "%%sh", Arg: ShellArg, Run: runScript,
			Doc: "runs the rest of the cell in sh",
		},
		{
			Name: "%%script", Usage: "%%script PROGRAM [ARG…]", Example: "%%script python3", Arg: ShellArg, Run: runProgram,
			Doc: "feeds the rest of the cell to a program",
		},
		{
			Name: "!", Usage: "!COMMAND", Example: "!ls -l | head", Arg: ShellArg, Run: runShell,
			Doc: "runs a shell command\n\nA line that ends in \\ goes on in the next one. The cell fails if the command ends with another status than 0.",
		},
		{
			Name: "$", Usage: "$ PROGRAM [ARG…]", Example: "$ go version", Arg: ShellArg, Run: runExec,
			Doc: "runs a program without a shell, its words parted by blanks",
		},
	}
}

// runCd is %cd.
func runCd(_ context.Context, h Host, c Call) error {
	args, err := Words(c)
	if err != nil {
		return err
	}
	before, err := h.Dir()
	if err != nil {
		before = "" // it may be gone; changing away from it must work
	}
	var dir string
	switch {
	case len(args) > 1:
		return usage(c, "%%cd takes one directory; put one with blanks in its name in quotes")
	case len(args) == 0 || args[0] == "~":
		dir, err = home(h)
	case strings.HasPrefix(args[0], "~/"):
		dir, err = home(h)
		dir = filepath.Join(dir, args[0][2:])
	case args[0] == "-":
		if dir = lookup(h, "OLDPWD"); dir == "" {
			return usage(c, "%%cd -: there is no directory before this one")
		}
	default:
		dir = args[0]
	}
	if err != nil {
		return usage(c, "%%cd: %v", err)
	}
	if err := h.Chdir(dir); err != nil {
		return usage(c, "%%cd: %s: %v", dir, cause(err))
	}
	now, err := h.Dir()
	if err != nil {
		return usage(c, "%%cd: %v", err)
	}
	// As a shell does it, so that %cd - and child processes know.
	if before != "" {
		if err := h.Setenv("OLDPWD", before); err != nil {
			return usage(c, "%%cd: %v", err)
		}
	}
	if err := h.Setenv("PWD", now); err != nil {
		return usage(c, "%%cd: %v", err)
	}
	_, err = fmt.Fprintln(h.Stdout(), now)
	return err
}

// home returns the home directory that the host's environment names.
func home(h Host) (string, error) {
	if dir := lookup(h, "HOME"); dir != "" {
		return dir, nil
	}
	return os.UserHomeDir()
}

// lookup returns the value of an environment variable of the host, or "".
func lookup(h Host, name string) string {
	env := h.Environ()
	for _, kv := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return ""
}

// ownVariable begins the variable by which the kernel knows its own processes. Nobody else has a use for it.
const ownVariable = "GOKERNEL_WORKER="

// runEnv is %env.
func runEnv(_ context.Context, h Host, c Call) error {
	name, value, set := strings.Cut(c.Args, "=")
	name = strings.TrimRight(name, " \t")
	if i := strings.IndexAny(name, " \t"); i >= 0 { // NAME VALUE
		name, value, set = c.Args[:i], c.Args[i:], true
	}
	value = strings.TrimSpace(value)
	switch {
	case !set && name == "":
		env := slices.DeleteFunc(slices.Clone(h.Environ()), func(kv string) bool { return strings.HasPrefix(kv, ownVariable) })
		slices.Sort(env)
		_, err := io.WriteString(h.Stdout(), strings.Join(env, "\n")+"\n")
		return err
	case name == "":
		return usage(c, "%%env: a name must stand before the =")
	case set:
		if err := h.Setenv(name, unquoted(value)); err != nil {
			return usage(c, "%%env: %s: %v", name, cause(err))
		}
		return nil
	}
	for _, kv := range slices.Backward(h.Environ()) {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			_, err := fmt.Fprintln(h.Stdout(), value)
			return err
		}
	}
	return usage(c, "%%env: %s is not set", name)
}

// runGo111module is %go111module.
func runGo111module(_ context.Context, h Host, c Call) error {
	switch c.Args {
	case "on":
		return nil
	case "off":
		_, err := io.WriteString(h.Stderr(), "%go111module off: modules are always on\n")
		return err
	}
	return usage(c, "%%go111module takes on or off")
}

// runWritefile is %%writefile.
func runWritefile(_ context.Context, h Host, c Call) error {
	args, err := Words(c)
	if err != nil {
		return err
	}
	flags, did := os.O_CREATE|os.O_WRONLY|os.O_TRUNC, "Wrote"
	if len(args) > 0 && args[0] == "-a" {
		flags, did = os.O_CREATE|os.O_WRONLY|os.O_APPEND, "Added to"
		args = args[1:]
	}
	if len(args) != 1 {
		return usage(c, "%%%%writefile takes one file name, and -a before it to add to the file")
	}
	name := args[0]
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		dir, err := home(h)
		if err != nil {
			return usage(c, "%%%%writefile: %v", err)
		}
		name = filepath.Join(dir, rest)
	} else if !filepath.IsAbs(name) {
		dir, err := h.Dir()
		if err != nil {
			return usage(c, "%%%%writefile: %v", err)
		}
		name = filepath.Join(dir, name)
	}
	f, err := os.OpenFile(name, flags, 0o666)
	if err != nil {
		return usage(c, "%%%%writefile: %s: %v", args[0], cause(err))
	}
	body := c.Body
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\n" // a cell's last line has no end, a text file's has
	}
	_, err = f.WriteString(body)
	if err = errors.Join(err, f.Close()); err != nil {
		return usage(c, "%%%%writefile: %s: %v", args[0], cause(err))
	}
	_, err = fmt.Fprintf(h.Stdout(), "%s %s (%d bytes)\n", did, args[0], len(body))
	return err
}

// usage returns a *UsageError of a call.
func usage(c Call, format string, args ...any) error {
	return &UsageError{c.Line, fmt.Sprintf(format, args...)}
}

// cause returns what an error of the file system says beside the operation and the name.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// unquoted takes one pair of quotes off a value.
func unquoted(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// Words splits the arguments of a call at blanks outside of quotes, and takes the quotes off.
func Words(c Call) ([]string, error) {
	var args []string
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range c.Args {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\r'):
			if begun {
				args = append(args, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, usage(c, "%s: the quote %c is not closed", c.Name, quote)
	}
	if begun {
		args = append(args, word.String())
	}
	return args, nil
}
