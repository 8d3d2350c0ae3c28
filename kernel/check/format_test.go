package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/check"
)

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"x:=1\nif x==1{\nfmt.Println( x )}", "x := 1\nif x == 1 {\n\tfmt.Println(x)\n}"},
		{"import \"fmt\"\nfunc  f( ) { }\nf()  // calls\n\n\n\ny:=2", "import \"fmt\"\n\nfunc f() {}\n\nf() // calls\n\ny := 2"},
		{"// a cell\nx := 1\n\n// f does\nfunc f() {}", "// a cell\nx := 1\n\n// f does\nfunc f() {}"},
		{"package main\nfunc main(){}", "package main\n\nfunc main() {}"},
		{"type T struct { a int\nbcd string }\nfunc (t T) M() {}\nT{}.M()", "type T struct {\n\ta   int\n\tbcd string\n}\n\nfunc (t T) M() {}\n\nT{}.M()"},
		{"// nothing else", "// nothing else"},
		{"", ""},
	} {
		got, err := check.Format(tt.src)
		if err != nil {
			t.Errorf("%q: %v", tt.src, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.src, diff)
		}
		if again, err := check.Format(got); err != nil || again != got {
			t.Errorf("%q: formatted again it is %q, %v", got, again, err)
		}
	}
	if _, err := check.Format("x := ("); err == nil {
		t.Error("what does not parse is formatted")
	}
}
