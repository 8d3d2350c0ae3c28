package notebook

import (
	"regexp"
	"strings"
	"testing"
)

func TestTests(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "func half(n int) int {\n\tif n < 0 {\n\t\treturn -half(-n)\n\t}\n\treturn n / 2\n}")
	r := c.cell(t, n, `%%test -cover
func TestHalf(t *testing.T) {
	for _, n := range []int{4, 5} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			if got := half(n); 2*got != n {
				t.Errorf("half of %d: got %d\nand more", n, got)
			}
		})
	}
}
func TestSkipped(t *testing.T) { t.Skip("not today") }
func TestPasses(t *testing.T) { t.Log("not shown") }
func ExampleHalf() {
	fmt.Println(half(8))
	// Output: 4
}`)
	want(t, "error", r.failure(), "test failed: 2 of 6 failed")
	text, html := r.tables()
	want(t, "text", text, "fail TestHalf/5", "cell [2] line 6: half of 5: got 2\n     and more\n", `| t.Errorf(`, "skip TestSkipped", "not today", "pass ExampleHalf",
		"3 passed, 2 failed, 1 skipped", "coverage: 66.7% of statements", "not run: cell [1] line 3: return -half(-n)")
	if strings.Contains(text, "not shown") {
		t.Errorf("what a test that passes logs is shown:\n%s", text)
	}
	want(t, "html", html, "<table>", "<b>fail</b>", "<code>t.Errorf(")

	r = c.cell(t, n, "%%test -v -run Loud\nfunc TestLoud(t *testing.T) { fmt.Println(\"said\") }\nfunc TestQuiet(t *testing.T) {}")
	if r.err != nil {
		t.Fatal(r.failure())
	}
	want(t, "-v", r.text(), "=== RUN   TestLoud\n", "said\n")
	text, _ = r.tables()
	if want(t, "-run", text, "pass TestLoud", "1 passed"); strings.Contains(text, "Quiet") {
		t.Errorf("-run Loud: got\n%s", text)
	}
	c.cell(t, n, "func TestEarlier(t *testing.T) {\n\tvar s []int\n\t_ = s[half(2)]\n}")
	r = c.cell(t, n, "%%test")
	want(t, "panic", r.failure(), "panic: runtime error: index out of range [1] with length 0", "cell [4] line 3, in TestEarlier")
	want(t, "-race", c.cell(t, n, "%%test -race\nfunc TestRacy(t *testing.T) {\n\tx := 0\n\tdone := make(chan bool)\n\tgo func() { x++; close(done) }()\n\tx++\n\t<-done\n}").failure(), "test failed")
	for code, message := range map[string]string{
		"%%test -nosuch\nx := 1":                                         "%%test: unknown flag -nosuch; it knows -bench,",
		"%%test -count 0\nx := 1":                                        "%%test: -count takes a number from 1",
		"%%test -run (\nx := 1":                                          "%%test: -run takes a regular expression",
		"%%test more\nx := 1":                                            "%%test: it takes no argument",
		"%%test -timeout x\nx := 1":                                      "%%test: -timeout takes a duration such as 30s, 0 for none, not \"x\"",
		"%%test\nfunc TestX(t testing.T) {}":                             ":2:6: wrong signature for TestX, must be: func TestX(t *testing.T)",
		"%%test\nfunc TestX(t *testing.T) int { return 1 }":              "wrong signature for TestX, must be",
		"%%test\nfunc Testx(t *testing.T) {}":                            ":2:6: Testx has a malformed name: go test runs it only if",
		"%%bench\nfunc Benchmarkx(b *testing.B) {}":                      "Benchmarkx has a malformed name",
		"%%test\nfunc ExampleX() int { return 1 }":                       "wrong signature for ExampleX, must be: func ExampleX()",
		"%%test\nfunc TestX(t *testing.T) { os.Exit(3) }":                "test failed: 1 of 1 failed; the program ended with exit status 3 during TestX",
		"%%bench -count 1\nfunc BenchmarkX(b *testing.B) { b.Fatal(1) }": "benchmark failed: BenchmarkX",
		"%%bench -vs 99\nhalf(1)":                                        "%%bench: nothing was measured as 99 yet",
		"%%bench -count\nhalf(1)":                                        "%%bench: -count takes a value",
		"%%bench -benchtime 5\n1":                                        "%%bench: -benchtime takes a duration",
		"%%bench":                                                        "%%bench takes Go code",
		"%%bench\nfunc f() {}":                                           "%%bench: there is nothing to measure",
		"%%bench\nundefinedName()":                                       "undefined: undefinedName",
	} {
		want(t, code, c.cell(t, n, code).failure(), message)
	}
}

func TestNothingMatches(t *testing.T) {
	n := book(t)
	var c lastNumber
	r := c.cell(t, n, "%%test -run Nothing\nfunc TestX(t *testing.T) {}\nfunc Testify(s string) {}")
	text, html := r.tables()
	want(t, "-run", text+r.failure(), "No test matches -run Nothing; there is TestX.\n")
	want(t, "-run", html, "<p>No test matches -run Nothing; there is TestX.</p>")
	r = c.cell(t, n, "%%bench -count 1 -benchtime 1x\nfunc BenchmarkX(b *testing.B) {\n\tb.Fatal(\"no\")\n}\nfunc BenchmarkY(b *testing.B) { b.Log(\"fine\") }")
	text, _ = r.tables()
	want(t, "a benchmark that fails", text+r.failure(), "fail BenchmarkX\n     cell [2] line 3: no\n")
	if strings.Contains(text, "BenchmarkY") {
		t.Errorf("a benchmark that does not fail is shown as a test:\n%s", text)
	}
}

func TestBench(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "func grow(k int) []int {\n\tvar s []int\n\tfor i := range k {\n\t\ts = append(s, i)\n\t}\n\treturn s\n}")
	r := c.cell(t, n, "%%bench -benchtime 10x -as small\ngrow(10)")
	if r.err != nil {
		t.Fatal(r.failure())
	}
	text, _ := r.tables()
	want(t, "statement", text, "small", "time", "s ±", "memory", " B", "allocations")
	r = c.cell(t, n, "%%bench -benchtime 10x -vs small\nx := grow(1000)\nx[0] = 1")
	if r.err != nil {
		t.Fatal(r.failure())
	}
	text, html := r.tables()
	want(t, "comparison", text, "small", "cell [3]", "change")
	// Times may be anything on a busy machine; how much is allocated is not.
	if !regexp.MustCompile(`memory +[0-9.]+ B.* [0-9.]+ KiB.*\+[0-9.]+% \(p=0\.00\d n=6\)`).MatchString(text) {
		t.Errorf("comparison: got\n%s\nwant a difference in memory", text)
	}
	want(t, "comparison", html, "<table>", "<th style=\"text-align:left\">change</th>")
	r = c.cell(t, n, "%%bench -benchtime 10x -vs 2\nfunc BenchmarkA(b *testing.B) { for b.Loop() { grow(3) } }\nfunc BenchmarkB(b *testing.B) { for b.Loop() { grow(4) } }")
	text, _ = r.tables()
	want(t, "functions", text+r.failure(), "A ", "B ")
}
