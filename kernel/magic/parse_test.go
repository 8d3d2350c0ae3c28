package magic_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gokernel/kernel/magic"
)

// known are the names that the notebook of the tests declares.
func known(name string) bool { return name == "done" || name == "flags" }

func TestParse(t *testing.T) {
	bq := "`"
	for _, test := range []struct {
		name  string
		src   string
		calls []magic.Call
		rest  string // "" means src, with the calls blank
		err   string
	}{
		{name: "empty"},
		{name: "go only", src: "x := 1\nx"},
		{name: "line", src: "%cd data", calls: []magic.Call{{Name: "%cd", Args: "data", Line: 1}}},
		{name: "no args", src: "%who", calls: []magic.Call{{Name: "%who", Line: 1}}},
		{name: "indented", src: " \t%who \n", calls: []magic.Call{{Name: "%who", Line: 1}}},
		{name: "carriage return", src: "%cd a\r\nx := 1\r\n", calls: []magic.Call{{Name: "%cd", Args: "a", Line: 1}}},
		{name: "among go", src: "x := 1\n%time x\nfmt.Println(x)\n%who", calls: []magic.Call{
			{Name: "%time", Args: "x", Line: 2}, {Name: "%who", Line: 4}}},
		{name: "after comment", src: "x := 1 // one\n%who", calls: []magic.Call{{Name: "%who", Line: 2}}},
		{name: "after comment line", src: "// about\n/* more\n*/\n%who", calls: []magic.Call{{Name: "%who", Line: 4}}},
		{name: "after import", src: "import \"fmt\"\n%who\n", calls: []magic.Call{{Name: "%who", Line: 2}}},
		{name: "after func", src: "func f() {\n}\n%who\n", calls: []magic.Call{{Name: "%who", Line: 3}}},

		{name: "in raw string", src: "s := " + bq + "\n%cd data\n!ls\n$ ls\nname?\n%%bash\n" + bq + "\n"},
		{name: "in block comment", src: "/*\n%cd data\n!ls\n*/\nx := 1"},
		{name: "in raw string argument", src: "display.Markdown(" + bq + "\n% of all\n%time\n" + bq + ")"},
		{name: "after raw string", src: "s := " + bq + "\n%a\n" + bq + "\n%who", calls: []magic.Call{{Name: "%who", Line: 4}}},
		{name: "raw string and back quote in a shell line", src: "!echo " + bq + "date" + bq + " 'it\ns := " + bq + "\n!ls\n" + bq,
			calls: []magic.Call{{Kind: magic.Shell, Name: "!", Args: "echo " + bq + "date" + bq + " 'it", Line: 1}}},
		{name: "quote in shell line", src: "!echo it's\nx := 'a'\n!echo \"\n", calls: []magic.Call{
			{Kind: magic.Shell, Name: "!", Args: "echo it's", Line: 1}, {Kind: magic.Shell, Name: "!", Args: `echo "`, Line: 3}}},
		{name: "comment in shell line", src: "!ls /* x\n%who", calls: []magic.Call{
			{Kind: magic.Shell, Name: "!", Args: "ls /* x", Line: 1}, {Name: "%who", Line: 2}}},
		{name: "unclosed raw string", src: "s := " + bq + "\n%who"},
		{name: "unclosed comment", src: "/*\n%who"},

		{name: "remainder in an open bracket", src: "y := (x +\n%who)"},
		{name: "remainder after operator", src: "y := x *\n%who"},
		{name: "remainder with a blank", src: "x\n% y"},
		{name: "remainder at the end of a line", src: "x := 7 %\n3"},
		{name: "remainder assigned", src: "x\n%= 2"},
		{name: "magic in a block", src: "func main() {\n\t%cd data\n}", err: `line 2: %cd is only known outside of brackets, and the '{' of line 1 is open`},
		{name: "magic in a block, later", src: "if true {\n\tx()\n%cd data\n}", err: `line 3: %cd is only known outside of brackets, and the '{' of line 1 is open`},
		{name: "too many closing brackets", src: ")}\n%who", calls: []magic.Call{{Name: "%who", Line: 2}}},

		{name: "cell", src: "%%bash -x\necho 1\n%cd\n`", calls: []magic.Call{{Kind: magic.Cell, Name: "%%bash", Args: "-x", Body: "echo 1\n%cd\n`", Line: 1}}},
		{name: "cell without body", src: "%%bash", calls: []magic.Call{{Kind: magic.Cell, Name: "%%bash", Line: 1}}},
		{name: "cell after blanks and comments", src: "\n// a script\n%%bash\necho", calls: []magic.Call{{Kind: magic.Cell, Name: "%%bash", Body: "echo", Line: 3}}},
		{name: "cell after line", src: "%cd data\n%%bash\nls", calls: []magic.Call{{Name: "%cd", Args: "data", Line: 1}, {Kind: magic.Cell, Name: "%%bash", Body: "ls", Line: 2}}},
		{name: "cell after go", src: "x := 1\n%%bash\ny := 2", calls: []magic.Call{{Kind: magic.Cell, Name: "%%bash", Line: 2}}, err: "line 2: %%bash must be the first line of its cell"},
		{name: "windows body", src: "%%bash\r\na\r\n", calls: []magic.Call{{Kind: magic.Cell, Name: "%%bash", Body: "a\r\n", Line: 1}}},

		{name: "main", src: "%%\nfmt.Println(1)", calls: []magic.Call{{Kind: magic.Main, Name: "%%", Line: 1}}, rest: "func main() {\nfmt.Println(1)\n}"},
		{name: "main with args", src: "func f() {}\n%% -n 3\nf()\n!ls\n", calls: []magic.Call{
			{Kind: magic.Main, Name: "%%", Args: "-n 3", Line: 2}, {Kind: magic.Shell, Name: "!", Args: "ls", Line: 4}},
			rest: "func f() {}\nfunc main() {\nf()\n   \n\n}"},
		{name: "main by name", src: "%main", calls: []magic.Call{{Kind: magic.Main, Name: "%%", Line: 1}}, rest: "func main() {\n}"},
		{name: "main twice", src: "%%\n%%", calls: []magic.Call{{Kind: magic.Main, Name: "%%", Line: 1}, {Kind: magic.Main, Name: "%%", Line: 2}},
			rest: "func main() {\n  \n}", err: "line 2: %% begins func main a second time"},
		{name: "main before comment", src: "%%\nf() // end", calls: []magic.Call{{Kind: magic.Main, Name: "%%", Line: 1}}, rest: "func main() {\nf() // end\n}"},

		{name: "shell", src: "!ls -l | wc", calls: []magic.Call{{Kind: magic.Shell, Name: "!", Args: "ls -l | wc", Line: 1}}},
		{name: "shell with a blank", src: "! ls", calls: []magic.Call{{Kind: magic.Shell, Name: "!", Args: "ls", Line: 1}}},
		{name: "shell like a difference", src: "!ls -l", calls: []magic.Call{{Kind: magic.Shell, Name: "!", Args: "ls -l", Line: 1}}},
		{name: "shell with one word", src: "!make", calls: []magic.Call{{Kind: magic.Shell, Name: "!", Args: "make", Line: 1}}},
		{name: "shell goes on", src: "!echo a \\\n  b \\\n c\nx := 1", calls: []magic.Call{{Kind: magic.Shell, Name: "!", Args: "echo a \\\n  b \\\n c", Line: 1}}},
		{name: "shell goes on at the end", src: "!echo \\", calls: []magic.Call{{Kind: magic.Shell, Name: "!", Args: "echo \\", Line: 1}}},
		{name: "shell in gonb's directory", src: "!*go get x", calls: []magic.Call{{Kind: magic.Shell, Name: "!", Args: "go get x", Line: 1}}},
		{name: "not: declared in the notebook", src: "!done"},
		{name: "not: declared in the cell", src: "ls := true\n!ls"},
		{name: "not: field", src: "!flags.verbose && done"},
		{name: "not: constant", src: "!true"},
		{name: "not: call", src: "!strings.Contains(s, \"a\")"},
		{name: "not: call over lines", src: "!strings.Contains(\n\ts,\n\t\"a\")"},
		{name: "not: brackets", src: "!(done || flags.x)"},
		{name: "not in an open bracket", src: "f(\n!ls,\n!ls)"},
		{name: "not after operator", src: "a :=\n!ls"},
		{name: "only not", src: "!\n", calls: []magic.Call{{Kind: magic.Shell, Name: "!", Line: 1}}, err: "line 1: ! takes a command of the shell, as in !ls -l"},
		{name: "not of the next line", src: "!\ndone"},
		{name: "unequal", src: "!= 3"},

		{name: "exec", src: "$ ls -l\n$ls", calls: []magic.Call{{Kind: magic.Exec, Name: "$", Args: "ls -l", Line: 1}, {Kind: magic.Exec, Name: "$", Args: "ls", Line: 2}}},
		{name: "exec nothing", src: "$", calls: []magic.Call{{Kind: magic.Exec, Name: "$", Line: 1}}},
		{name: "help", src: "x?\nfmt.Println??\n?y\n??strings.Builder.Len", calls: []magic.Call{
			{Kind: magic.Help, Name: "?", Args: "x", Line: 1}, {Kind: magic.Help, Name: "?", Args: "fmt.Println", Detail: 1, Line: 2},
			{Kind: magic.Help, Name: "?", Args: "y", Line: 3}, {Kind: magic.Help, Name: "?", Args: "strings.Builder.Len", Detail: 1, Line: 4}}},
		{name: "help on magics", src: "%cd?\n%%bash??\n!?\n%%?\n?$", calls: []magic.Call{
			{Kind: magic.Help, Name: "?", Args: "%cd", Line: 1}, {Kind: magic.Help, Name: "?", Args: "%%bash", Detail: 1, Line: 2},
			{Kind: magic.Help, Name: "?", Args: "!", Line: 3}, {Kind: magic.Help, Name: "?", Args: "%%", Line: 4}, {Kind: magic.Help, Name: "?", Args: "$", Line: 5}}},
		{name: "help on keyword", src: "select?\nmapé?", calls: []magic.Call{{Kind: magic.Help, Name: "?", Args: "select", Line: 1}, {Kind: magic.Help, Name: "?", Args: "mapé", Line: 2}}},
		{name: "no help", src: "a ? b\nf(x)?\n?x?\n???z"},
		{name: "gonb's prefix", src: "//gonb:%%\n//gonb:!ls\n//gonb:other\nf()", calls: []magic.Call{
			{Kind: magic.Main, Name: "%%", Line: 1}, {Kind: magic.Shell, Name: "!", Args: "ls", Line: 2}},
			rest: "func main() {\n          \n//gonb:other\nf()\n}"},
		{name: "position comments", src: "//line x.go:100\n%who\n//line :1\n!ls", calls: []magic.Call{{Name: "%who", Line: 2}, {Kind: magic.Shell, Name: "!", Args: "ls", Line: 4}}},
		{name: "unicode", src: "é := \"ü\"\n%cd é\né", calls: []magic.Call{{Name: "%cd", Args: "é", Line: 2}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls, rest, err := magic.Parser{Known: known}.Parse(test.src)
			if diff := cmp.Diff(test.calls, calls, cmpopts.IgnoreFields(magic.Call{}, "Start", "End")); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			want := test.rest
			if want == "" {
				want = test.src
				for _, c := range calls {
					want = want[:c.Start] + blank(want[c.Start:c.End]) + want[c.End:]
				}
			}
			if rest != want {
				t.Errorf("rest = %q, want %q", rest, want)
			}
			message := ""
			if err != nil {
				message = err.Error()
				var syntax *magic.SyntaxError
				if !errors.As(err, &syntax) {
					t.Errorf("error is a %T, want a %T", err, syntax)
				}
			}
			if message != test.err {
				t.Errorf("error = %q, want %q", message, test.err)
			}
		})
	}
}

// blank replaces all bytes but line ends by blanks.
func blank(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

func FuzzParse(f *testing.F) {
	for _, src := range []string{
		"", "%cd data\nx := 1", "%%bash\necho", "x := `\n%a\n`\n!ls \\\n-l\n", "//line a.go:7\n%who\nfmt?", "%%\n{\n%x\n}", "!a(\n)", "\r\n%\r\n", "//gonb:%% 1", "\ufeff%who", "!'\n!ok",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		calls, rest, err := magic.Parse(src)
		added := 0
		end := 0
		for _, c := range calls {
			if c.Start < end || c.End < c.Start || c.End > len(src) {
				t.Fatalf("call from %d to %d after one to %d in %d bytes", c.Start, c.End, end, len(src))
			}
			end = c.End
			if want := 1 + strings.Count(src[:c.Start], "\n"); c.Line != want {
				t.Errorf("call in line %d, want %d", c.Line, want)
			}
			if c.Kind == magic.Main {
				added = 1
			}
		}
		if got, want := strings.Count(rest, "\n"), strings.Count(src, "\n")+added; got != want {
			t.Errorf("rest has %d line ends, want %d", got, want)
		}
		if len(calls) == 0 && rest != src {
			t.Errorf("without calls rest is %q, want the source", rest)
		}
		if added == 0 && len(rest) != len(src) {
			t.Errorf("rest has %d bytes, want %d", len(rest), len(src))
		}
		if err == nil && added == 0 {
			again, same, err := magic.Parse(rest)
			if len(again) > 0 || err != nil || same != rest {
				t.Errorf("parsed again, the rest %q has calls %v, error %v", rest, again, err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	src := strings.Repeat("x := f(1, 2)\nif x > 3 {\n\tfmt.Println(\"a string\", `raw`)\n}\n!ls -l\n", 50)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, _, err := magic.Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}
