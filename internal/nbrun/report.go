package nbrun

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The verdicts on a cell.
const (
	Passed  = "passed"  // it showed what was expected
	Failed  = "failed"  // it did not
	Ran     = "ran"     // nothing was expected but that it succeeds, and it did
	Skipped = "skipped" // by its tags
	Updated = "updated" // it did not, and is what is expected from now on
)

// A Report is the outcome of VerifyFiles. Its JSON form is what --json writes.
type Report struct {
	Files   []FileReport `json:"files"`
	Seconds float64      `json:"seconds"`
}

// A FileReport is the outcome for one notebook.
type FileReport struct {
	File       string       `json:"file"`
	Seconds    float64      `json:"seconds"`
	Error      string       `json:"error,omitempty"` // why the notebook could not be run to its end
	Cells      []CellReport `json:"cells"`
	Violations []string     `json:"violations,omitempty"` // of the protocol, by the kernel
}

// A CellReport is the outcome for one code cell.
type CellReport struct {
	Number      int          `json:"cell"` // in the notebook, from 1
	ID          string       `json:"id"`
	Listing     string       `json:"listing,omitempty"`
	Status      string       `json:"status"`
	Seconds     float64      `json:"seconds"`
	Line        int          `json:"line,omitempty"` // of the cell, where it failed
	Error       string       `json:"error,omitempty"`
	Differences []Difference `json:"differences,omitempty"`
}

// Failed reports whether anything failed.
func (r *Report) Failed() bool {
	for _, f := range r.Files {
		if f.Failed() {
			return true
		}
	}
	return false
}

// Failed reports whether the notebook or one of its cells failed.
func (f FileReport) Failed() bool { return f.Error != "" || f.count(Failed) > 0 }

func (f FileReport) count(status string) int {
	n := 0
	for _, c := range f.Cells {
		if c.Status == status {
			n++
		}
	}
	return n
}

// text is what a reader sees: the differences by cell, also of those that are what is expected now, then one line.
func (f FileReport) text() string {
	var b strings.Builder
	for _, c := range f.Cells {
		if c.Status != Failed && c.Status != Updated {
			continue
		}
		if c.Error != "" {
			fmt.Fprintf(&b, "%s: %s: %s\n", f.File, c.label(), c.Error)
		}
		for _, d := range c.Differences {
			at := ""
			if n := d.line(); n > 0 {
				at = fmt.Sprintf(" from line %d on", n)
			}
			fmt.Fprintf(&b, "%s: %s: %s is not as expected%s (- expected, + shown)\n%s", f.File, c.label(), d.Part, at, d.Text)
		}
	}
	if f.Error != "" {
		fmt.Fprintf(&b, "%s: %s\n", f.File, f.Error)
	}
	verdict := "ok  "
	if f.Failed() {
		verdict = "FAIL"
	}
	fmt.Fprintf(&b, "%s %s: %d cells as expected, %d failed", verdict, f.File, f.count(Passed), f.count(Failed))
	for _, status := range []string{Ran, Skipped, Updated} {
		if n := f.count(status); n > 0 {
			fmt.Fprintf(&b, ", %d %s", n, status)
		}
	}
	fmt.Fprintf(&b, " (%.1f s)\n", f.Seconds)
	return b.String()
}

// write writes the machine-readable forms.
func (r *Report) write(cfg VerifyConfig) error {
	if cfg.JSON != nil {
		e := json.NewEncoder(cfg.JSON)
		e.SetIndent("", " ")
		if err := e.Encode(r); err != nil {
			return fmt.Errorf("writing JSON report: %w", err)
		}
	}
	if cfg.JUnit != nil {
		if err := r.writeJUnit(cfg.JUnit); err != nil {
			return fmt.Errorf("writing JUnit report: %w", err)
		}
	}
	return nil
}

// The elements of JUnit's XML that CI systems agree on.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitMessage `xml:"failure,omitempty"`
		Error   *junitMessage `xml:"error,omitempty"`
		Skipped *struct{}     `xml:"skipped,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (r *Report) writeJUnit(w io.Writer) error {
	var all junitSuites
	seconds := func(s float64) string { return fmt.Sprintf("%.3f", s) }
	for _, f := range r.Files {
		s := junitSuite{Name: f.File, Tests: len(f.Cells), Failures: f.count(Failed), Skipped: f.count(Skipped), Time: seconds(f.Seconds)}
		for _, c := range f.Cells {
			tc := junitCase{Name: c.label(), Class: f.File, Time: seconds(c.Seconds)}
			switch c.Status {
			case Skipped:
				tc.Skipped = &struct{}{}
			case Failed:
				m := &junitMessage{Message: c.Error}
				for _, d := range c.Differences {
					if m.Message == "" {
						m.Message = d.Part + " is not as expected"
					}
					m.Text += d.Part + ":\n" + d.Text
				}
				tc.Failure = m
			}
			s.Cases = append(s.Cases, tc)
		}
		if f.Error != "" {
			s.Tests++
			s.Errors++
			s.Cases = append(s.Cases, junitCase{Name: "notebook", Class: f.File, Time: seconds(0), Error: &junitMessage{Message: f.Error}})
		}
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
