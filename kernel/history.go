package kernel

import (
	"context"
	"fmt"

	"gokernel/kernel/jupyter"
)

// searchHistory answers which cells were run ("History"). Raw makes no
// difference: cells are kept as the reader wrote them.
func (k *Kernel) searchHistory(ctx context.Context, _ *request, c jupyter.HistoryRequest) (jupyter.Content, error) {
	var all []HistoryEntry
	session := 0
	if k.history != nil {
		all, session = k.history.entries(ctx)
	}
	switch c.HistAccessType {
	case jupyter.HistoryRange:
		stop := 0
		if c.Stop != nil {
			stop = *c.Stop
		}
		all = historyRange(all, session, c.Session, c.Start, stop)
	case jupyter.HistoryTail:
		all = historyTail(all, c.N)
	case jupyter.HistorySearch:
		all = historySearch(all, c.Pattern, c.N, c.Unique)
	default:
		return nil, fmt.Errorf("%w: hist_access_type %q is none of range, tail and search",
			jupyter.ErrContent, c.HistAccessType)
	}
	reply := jupyter.HistoryReply{Status: jupyter.StatusOK}
	for _, e := range all {
		j := jupyter.HistoryEntry{Session: e.Session, Line: e.Line, Input: e.Input}
		if c.Output {
			j.WithOutput, j.Output = true, e.Output
		}
		reply.History = append(reply.History, j)
	}
	return reply, nil
}
