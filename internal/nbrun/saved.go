package nbrun

import (
	"strings"

	"gokernel/internal/nbformat"
)

// saved judges a notebook by the outputs that it holds: somebody else has run it. Cells must have an execution count; what
// metadata does not expect must only not have failed.
func saved(nb *nbformat.Notebook, expected []*Expectation) []CellReport {
	_, allowErrors := execution(nb)
	var reports []CellReport
	for i, cell := range nb.Cells {
		if cell.Type != nbformat.Code || strings.TrimSpace(cell.Source) == "" {
			continue
		}
		was := *cell // before it was run
		was.Outputs, was.ExecutionCount = nil, nil
		var failure error
		for _, out := range cell.Outputs {
			if out.Type == nbformat.Error {
				failure = &CellError{Cell: i + 1, ID: cell.ID, Name: out.EName, Value: out.EValue, Traceback: out.Traceback}
			}
		}
		r := judge(i+1, &was, cell, expected[i], cell.ExecutionCount != nil, allowErrors, 0, failure)
		if r.Status == Failed && cell.ExecutionCount == nil {
			r.Error = "it has not been run"
		}
		reports = append(reports, r)
	}
	return reports
}
