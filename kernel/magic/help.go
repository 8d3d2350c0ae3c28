package magic

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// HelpCommand returns %help for a table, which is asked for when the command runs, so that %help
// itself can be in it.
func HelpCommand(table func() Table) Command {
	return Command{
		Name: "%help", Usage: "%help [MAGIC]", Example: "%help %cd", Arg: MagicArg,
		Doc: "lists the magics, or says more about one",
		Run: func(_ context.Context, h Host, c Call) error {
			text := table().Help()
			if c.Args != "" {
				one, ok := table().find(c.Args)
				if !ok {
					return usage(c, "%s", table().unknown(c.Args))
				}
				text = one.Help()
			}
			_, err := io.WriteString(h.Stdout(), text)
			return err
		},
	}
}

// find returns the command of that name, whose % may be left out.
func (t Table) find(name string) (Command, bool) {
	for _, prefix := range []string{"", "%", "%%"} {
		if c, ok := t.Lookup(prefix + name); ok {
			return c, true
		}
	}
	return Command{}, false
}

// Help returns a plain text that lists all commands, one line each: what it does, and an example.
func (t Table) Help() string {
	var b strings.Builder
	section := func(title string, is func(Command) bool) {
		b.WriteString(title + "\n")
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, c := range t.commands {
			if is(c) {
				fmt.Fprintf(w, "  %s\t%s\t%s\n", c.Usage, c.Summary(), c.Example)
			}
		}
		w.Flush() // a strings.Builder does not fail
	}
	section("Lines:", func(c Command) bool { return !strings.HasPrefix(c.Name, "%%") })
	section("\nWhole cells, in their first line:", func(c Command) bool { return strings.HasPrefix(c.Name, "%%") })
	b.WriteString("\nname? shows help on a name, name?? more of it.\n" +
		"%% in a line makes the rest of the cell the body of func main.\n")
	return b.String()
}

// Summary returns the first line of the documentation.
func (c Command) Summary() string {
	line, _, _ := strings.Cut(c.Doc, "\n")
	return line
}

// Help returns all that is known about the command as plain text.
func (c Command) Help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s %s\n", c.Usage, c.Name, c.Doc)
	if len(c.Flags) > 0 {
		b.WriteString("\n")
		for _, f := range c.Flags {
			fmt.Fprintf(&b, "  %s  %s\n", f.Name, f.Doc)
		}
	}
	fmt.Fprintf(&b, "\nExample: %s\n", c.Example)
	return b.String()
}

// Markdown returns all that is known about the command as Markdown.
func (c Command) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "```\n%s\n```\n\n`%s` %s\n", c.Usage, c.Name, c.Doc)
	for i, f := range c.Flags {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- `%s`: %s\n", f.Name, f.Doc)
	}
	fmt.Fprintf(&b, "\n```\n%s\n```\n", c.Example)
	return b.String()
}
