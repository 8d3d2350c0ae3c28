package introspect_test

import (
	"slices"
	"testing"

	"gokernel/kernel/introspect"
)

// TestCompleteForShell checks that names of files are quoted as the shell wants them.
func TestCompleteForShell(t *testing.T) {
	s := scope(t)
	c := introspect.Config{Magics: magics(), Dir: files(t)}
	for _, test := range []struct{ code, want string }{
		{"!cat data/one.txt w‸", `with\ blank`},
		{"!cat with\\ b‸", `with\ blank`},
		{"!cat \"with b‸", "with blank"},
		{"!cat 'with b‸", "with blank"},
		{"!cat it‸", `it\'s\ \$5`},
		{"!ls in‸", `in\ a\ dir/`},
		{"!ls in\\ a\\ dir/‸", `b\ c`},
		{"!ls;cat data/o‸", "one.txt"},
	} {
		code, cursor := at(t, test.code)
		if r := c.Complete(s, code, cursor); !slices.Contains(r.Matches, test.want) {
			t.Errorf("%s: got %q, want %q among them", test.code, r.Matches, test.want)
		}
	}
}
