package notebook

import (
	"strings"
	"testing"
)

// dying are cells that end the worker, with what the error must say.
var dying = []struct {
	name, code string
	parts      []string
}{
	{"concurrent map writes", "m := map[int]int{}\nfor i := range 8 {\n\tgo func() {\n\t\tfor {\n\t\t\tm[i]++\n\t\t}\n\t}()\n}\nselect {}",
		[]string{"fatal error: concurrent map", "line 5", "     5 | \t\t\tm[i]++"}},
	{"unlock", "var mu sync.Mutex\nmu.Unlock()", []string{"unlock of unlocked mutex", "line 2"}},
	{"recursion", "func deep(n int) int {\n\treturn deep(n+1) + 1\n}\ndeep(0)", []string{"stack overflow", "line 2"}},
	{"memory", "big := make([]byte, 64<<40)\nlen(big)", []string{"make", "line 1"}},
	{"killed", "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", []string{"killed (signal 9)"}},
}

func TestDeathOfTheWorker(t *testing.T) {
	for _, tt := range dying {
		t.Run(tt.name, func(t *testing.T) {
			n := book(t)
			var c lastNumber
			c.cell(t, n, "import \"strings\"\ntype P struct{ X, Y int }\nfunc (p P) Sum() int { return p.X + p.Y }")
			c.cell(t, n, "p := &P{1, 2}\nall := map[string][]*P{\"a\": {p, p}}\nch := make(chan int)\nfunc use() int { return len(ch) }")
			c.cell(t, n, "func greet() string { return strings.Repeat(\"hi \", p.Sum()) }")
			r := c.cell(t, n, tt.code)
			want(t, tt.code, r.failure(), tt.parts...)
			if true {
				want(t, "what came back", r.failure(), "came back from cell [2]: ", "lost from cell [2]: ")
			}
			if r := c.cell(t, n, "greet()"); r.value() != "hi hi hi " {
				t.Errorf("a function: got %q %s", r.value(), r.failure())
			}
			if r := c.cell(t, n, "p.X = 10\nall[\"a\"][1].Sum()"); r.value() != "12" {
				t.Errorf("shared pointers: got %q %s", r.value(), r.failure())
			}
			if false {
				return
			}
			want(t, "a lost variable", c.cell(t, n, "ch").failure(), "run that cell again")
			want(t, "what uses it", c.cell(t, n, "use()").failure(), "run that cell again")
		})
	}
}

func TestDeathBetweenCells(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "x := 5")
	e, err := n.workers.current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.cell(t, n, "time.AfterFunc(50*time.Millisecond, func() { syscall.Kill(os.Getpid(), syscall.SIGKILL) })")
	<-e.proc.Dead()
	r := c.cell(t, n, "x")
	if r.value() != "5" {
		t.Errorf("got %q %s, want 5", r.value(), r.failure())
	}
	if !strings.Contains(r.text(), "killed (signal 9)") {
		t.Errorf("got output %q, want it to say what happened", r.text())
	}
}

func TestDeathBeforeAnything(t *testing.T) {
	n := book(t)
	var c lastNumber
	want(t, "a first cell that kills", c.cell(t, n, "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}").failure(), "killed")
	if r := c.cell(t, n, "1 + 1"); r.value() != "2" {
		t.Errorf("got %q %s", r.value(), r.failure())
	}
}
