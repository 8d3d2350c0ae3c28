package introspect_test

import (
	"fmt"
	"sync"
	"testing"

	"gokernel/kernel/check"
	"gokernel/kernel/introspect"
)

// TestConcurrent: questions are answered while cells are checked. It is for the race detector.
func TestConcurrent(t *testing.T) {
	s := scope(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for _, code := range []string{"origin.", "http.DefaultClient.", "json.", "Scale(", "sb.", "func f(w http.ResponseWriter) { w."} {
				if r := introspect.Complete(s, code, len(code)); len(r.Matches) == 0 {
					t.Errorf("%s: no matches", code)
				}
				introspect.Inspect(s, code, len(code), 1)
			}
		})
		wg.Go(func() {
			src := fmt.Sprintf("import \"encoding/json\"\nx%d := json.NewEncoder(os.Stdout)\nr := http.Request{}\norigin.X++", i)
			if _, err := check.Check(s, 1000+i, "cell", src); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
